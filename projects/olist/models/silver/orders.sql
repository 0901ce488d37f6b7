{{ config(materialized='incremental', incremental_strategy='merge', unique_key='order_id') }}

with
{% if is_incremental() %}
{% set seen = seen_until() %}
affected as (
  select order_id from {{ source('bronze', 'orders') }} where ingestion_timestamp > {{ seen }}
  union
  select order_id from {{ ref('order_items') }} where loaded_at > {{ seen }}
  union
  select order_id from {{ ref('order_payments') }} where loaded_at > {{ seen }}
  union
  select order_id
  from {{ this }}
  where customer_id in (select customer_id from {{ ref('customers') }} where loaded_at > {{ seen }})
  union
  -- Segments are quintiles over all customers: every new order may move the border for others.
  select o.order_id
  from {{ this }} as o
  join {{ ref('customer_segments') }} as s using (customer_unique_id)
  where o.customer_segment is distinct from s.customer_segment
),
{% endif %}

orders as ({{ latest_orders(only='affected' if is_incremental() else none) }}),

items as (
  select
    order_id,
    count(*) as items,
    sum(price)::decimal(12, 2) as price,
    sum(freight_value)::decimal(12, 2) as freight,
    bool_or(is_price_outlier) as has_price_outlier,
    max(loaded_at) as loaded_at
  from {{ ref('order_items') }}
  {% if is_incremental() %}
  semi join affected using (order_id)
  {% endif %}
  group by order_id
),

payments as (
  select order_id, sum(payment_value)::decimal(12, 2) as payment_value, max(loaded_at) as loaded_at
  from {{ ref('order_payments') }}
  {% if is_incremental() %}
  semi join affected using (order_id)
  {% endif %}
  group by order_id
),

enriched as (
  select
    o.order_id,
    o.customer_id,
    coalesce(c.customer_unique_id, o.customer_id) as customer_unique_id,
    o.order_status,
    o.order_purchase_timestamp,
    o.order_approved_at,
    o.order_delivered_carrier_date,
    o.order_delivered_customer_date,
    o.order_estimated_delivery_date,
    o.order_purchase_timestamp::date as order_date,
    coalesce(i.items, 0) as items,
    coalesce(i.price, 0) as price,
    coalesce(i.freight, 0) as freight,
    (coalesce(i.price, 0) + coalesce(i.freight, 0))::decimal(12, 2) as revenue,
    coalesce(p.payment_value, 0) as payment_value,
    date_diff('second', o.order_purchase_timestamp, o.order_delivered_customer_date) / 86400.0::double
      as delivery_time_days,
    o.order_delivered_customer_date is not null as is_delivered,
    o.order_delivered_customer_date > o.order_estimated_delivery_date as is_delayed,
    coalesce(i.has_price_outlier, false) as has_price_outlier,
    c.customer_zip_code_prefix,
    c.customer_city,
    c.customer_state,
    c.customer_region,
    c.customer_lat,
    c.customer_lng,
    greatest(o.ingestion_timestamp, i.loaded_at, p.loaded_at, c.loaded_at) as loaded_at
  from orders as o
  left join items as i using (order_id)
  left join payments as p using (order_id)
  left join {{ ref('customers') }} as c using (customer_id)
)

select
  e.* exclude (loaded_at),
  coalesce(e.delivery_time_days > {{ var('delivery_days_max') }}, false) as is_shipping_outlier,
  s.customer_segment,
  e.loaded_at
from enriched as e
left join {{ ref('customer_segments') }} as s using (customer_unique_id)
