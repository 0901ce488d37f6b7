select id, customer, amount, placed from {{ ref('orders_a') }} where id < 3
union all select 9, 'zed', 1.5, date '2024-05-05'
