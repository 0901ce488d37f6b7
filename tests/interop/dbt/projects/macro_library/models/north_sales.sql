select *, 'n' as flag from {{ ref('sales') }} where region = 'north'
