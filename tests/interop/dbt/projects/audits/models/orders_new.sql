select id, coalesce(customer, 'nobody') as customer, amount + case when id = 2 then 1 else 0 end as amount, placed from {{ ref('orders_a') }}
