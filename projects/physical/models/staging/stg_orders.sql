{{ config(unique_key='order_id') }}

with latest as (
  {{ latest_rows(
    'orders',
    'order_id',
    'ingestion_timestamp desc, ordered_at desc, customer_id, channel, status, currency, shipping_amount, order_total'
  ) }}
)

select
  order_id,
  customer_id,
  ordered_at,
  ordered_at::date as order_date,
  {{ word('channel') }} as channel,
  {{ word('status') }} as status,
  {{ word('status') }} = 'cancelled' as is_cancelled,
  currency,
  shipping_amount,
  order_total,
  ingestion_timestamp as loaded_at
from latest
