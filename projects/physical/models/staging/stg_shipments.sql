{{ config(unique_key='shipment_id') }}

with latest as (
  {{ latest_rows(
    'shipments',
    'shipment_id',
    'delivered_at desc nulls last, ingestion_timestamp desc, shipped_at desc, order_id, warehouse_id, carrier, '
    ~ 'promised_on, shipping_cost'
  ) }}
)

select
  shipment_id,
  order_id,
  warehouse_id,
  upper(trim(carrier)) as carrier,
  shipped_at,
  shipped_at::date as ship_date,
  promised_on,
  delivered_at,
  delivered_at::date as delivery_date,
  delivered_at is not null as is_delivered,
  delivered_at::date > promised_on as is_late,
  date_diff('second', shipped_at, delivered_at) / 86400.0::double as transit_days,
  shipping_cost,
  ingestion_timestamp as loaded_at
from latest
