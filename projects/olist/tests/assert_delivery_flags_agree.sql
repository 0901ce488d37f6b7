-- Delivered, delayed and the delivery time follow from the same timestamp.
select order_id
from {{ ref('orders') }}
where is_delivered <> (order_delivered_customer_date is not null)
  or (delivery_time_days is not null) <> is_delivered
  or (is_delayed is not null) <> (is_delivered and order_estimated_delivery_date is not null)
  or is_shipping_outlier <> coalesce(delivery_time_days > {{ var('delivery_days_max') }}, false)
