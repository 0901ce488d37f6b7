with customers as (
  select
    customer_unique_id,
    count(*) as orders,
    sum(items)::bigint as items,
    sum(revenue)::decimal(18, 2) as revenue,
    sum(payment_value)::decimal(18, 2) as payment_value,
    min(order_date) as first_order_date,
    max(order_date) as last_order_date,
    any_value(customer_segment) as customer_segment
  from {{ ref('orders') }}
  group by customer_unique_id
)

select
  customer_unique_id,
  orders,
  items,
  revenue,
  payment_value,
  revenue::double / orders as average_order_value,
  first_order_date,
  last_order_date,
  date_diff('day', first_order_date, last_order_date) as lifetime_days,
  orders / (1 + date_diff('day', first_order_date, last_order_date) / 30.0::double) as purchase_frequency,
  customer_segment
from customers
