with customers as (
  select
    customer_unique_id,
    arg_max(
      struct_pack(
        zip_code_prefix := customer_zip_code_prefix,
        city := customer_city,
        state := customer_state,
        region := customer_region
      ),
      (order_purchase_timestamp, order_id)
    ) as place,
    any_value(customer_segment) as customer_segment,
    min(order_date) as first_order_date,
    max(order_date) as last_order_date
  from {{ ref('orders') }}
  group by customer_unique_id
)

select
  customer_unique_id,
  place.zip_code_prefix as zip_code_prefix,
  place.city as city,
  place.state as state,
  place.region as region,
  customer_segment,
  first_order_date,
  last_order_date
from customers
