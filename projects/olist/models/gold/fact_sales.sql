{{ config(materialized='incremental', incremental_strategy='merge', unique_key=['order_id', 'order_item_id']) }}

select
  i.order_id,
  i.order_item_id,
  o.order_date,
  o.customer_unique_id,
  i.product_id,
  i.seller_id,
  o.order_status,
  i.price,
  i.freight_value,
  i.revenue,
  o.delivery_time_days,
  o.is_delayed,
  o.loaded_at
from {{ ref('order_items') }} as i
join {{ ref('orders') }} as o using (order_id)
{% if is_incremental() %}
{% set seen = seen_until() %}
-- An order is loaded again when one of its items is.
where o.loaded_at > {{ seen }}
{% endif %}
