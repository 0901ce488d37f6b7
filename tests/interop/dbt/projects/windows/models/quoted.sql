select id, n from {{ ref('capital') }} where n > 0
