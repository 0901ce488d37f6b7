{{ config(materialized='incremental', incremental_strategy='merge', unique_key='shipment_id') }}

with
{% if is_incremental() %}
{% set seen = seen_until() %}
affected as (
  select shipment_id from {{ ref('stg_shipments') }} where loaded_at > {{ seen }}
  union
  select shipment_id
  from {{ ref('stg_shipments') }}
  where order_id in (select order_id from {{ ref('stg_orders') }} where loaded_at > {{ seen }})
),
{% endif %}

shipped as (
  select *
  from {{ ref('stg_shipments') }}
  {% if is_incremental() %}
  semi join affected using (shipment_id)
  {% endif %}
)

select
  s.shipment_id,
  s.order_id,
  s.ship_date,
  s.delivery_date,
  o.order_date,
  coalesce(o.customer_id, 'unknown') as customer_id,
  s.warehouse_id,
  s.carrier,
  s.promised_on,
  s.is_delivered,
  s.is_late,
  date_diff('second', s.shipped_at, s.delivered_at) as transit_seconds,
  s.transit_days,
  s.shipping_cost,
  greatest(s.loaded_at, o.loaded_at) as loaded_at
from shipped as s
left join {{ ref('stg_orders') }} as o using (order_id)
