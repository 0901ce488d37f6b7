{{ config(materialized='incremental', incremental_strategy='merge', unique_key=['order_id', 'payment_sequential']) }}

with
{% if is_incremental() %}
{% set seen = seen_until() %}
affected as (
  select distinct order_id, payment_sequential
  from {{ source('bronze', 'order_payments') }}
  where ingestion_timestamp > {{ seen }}
),
{% endif %}

latest as (
  {{ latest_rows(
    source('bronze', 'order_payments'),
    'order_id, payment_sequential',
    'ingestion_timestamp desc, payment_type, payment_installments, payment_value',
    'order_id is not null and payment_sequential is not null',
    only='affected' if is_incremental() else none
  ) }}
)

select
  order_id,
  payment_sequential,
  coalesce(payment_type, 'not_defined') as payment_type,
  coalesce(payment_installments, 1) as payment_installments,
  coalesce(payment_value, 0)::decimal(10, 2) as payment_value,
  ingestion_timestamp as loaded_at
from latest
