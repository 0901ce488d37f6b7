select id, name, dbt_valid_from from {{ ref('by_time') }} where dbt_valid_to is null
