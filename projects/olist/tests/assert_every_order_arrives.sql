-- Each dated order of bronze is one row of silver, and silver has no other.
with bronze_orders as (
  select distinct order_id
  from {{ source('bronze', 'orders') }}
  where order_id is not null and order_purchase_timestamp is not null
)

select order_id, count(s.order_id) as rows_in_silver
from bronze_orders as b
full join {{ ref('orders') }} as s using (order_id)
group by order_id
having count(s.order_id) <> 1 or count(b.order_id) <> 1
