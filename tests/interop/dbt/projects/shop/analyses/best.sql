select * from {{ ref('customers') }} order by amount_eur desc limit 3
