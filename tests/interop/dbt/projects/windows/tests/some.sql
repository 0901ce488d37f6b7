select * from {{ ref('events') }} where n < 0
