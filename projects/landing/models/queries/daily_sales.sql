-- Sales by the day of the order and department, without cancelled orders.
select
  orders.order_date,
  products.department,
  count(distinct orders.order_id) as orders,
  sum(items.quantity) as pieces,
  sum(items.line_total) as sales
from {{ source('processed', 'order_items') }} as items
join {{ source('processed', 'orders') }} as orders using (order_id)
join {{ source('processed', 'products') }} as products using (product_id)
where orders.status <> 'cancelled'
group by all
