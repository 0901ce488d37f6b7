{{ config(unique_key=['order_id', 'line_number']) }}

with
latest as (
  {{ latest_rows(
    'order_lines',
    'order_id, line_number',
    'ingestion_timestamp desc, product_id, quantity, unit_price, discount_percent, line_total'
  ) }}
),

computed as (
  select
    *,
    (quantity * unit_price)::decimal(14, 2) as gross_amount,
    round(quantity * unit_price * (100 - discount_percent) * 0.01, 2)::decimal(14, 2) as computed_total
  from latest
)

select
  order_id,
  line_number,
  product_id,
  quantity,
  unit_price,
  discount_percent,
  gross_amount,
  (gross_amount - line_total)::decimal(14, 2) as discount_amount,
  line_total,
  line_total = computed_total as is_total_consistent,
  ingestion_timestamp as loaded_at
from computed
