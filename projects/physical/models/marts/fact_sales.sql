{{ config(materialized='incremental', incremental_strategy='merge', unique_key=['order_id', 'line_number']) }}

with
{% if is_incremental() %}
{% set seen = seen_until() %}
-- An order is computed again, with all its lines, when its header or one of them has come since.
affected as (
  select order_id from {{ ref('stg_orders') }} where loaded_at > {{ seen }}
  union
  select order_id from {{ ref('stg_order_lines') }} where loaded_at > {{ seen }}
),
{% endif %}

lines as (
  select
    *,
    row_number() over (partition by order_id order by line_number) = 1 as is_first_line,
    max(loaded_at) over (partition by order_id) as lines_loaded_at
  from {{ ref('stg_order_lines') }}
  {% if is_incremental() %}
  semi join affected using (order_id)
  {% endif %}
)

select
  l.order_id,
  l.line_number,
  o.order_date,
  o.ordered_at,
  o.customer_id,
  l.product_id,
  o.channel,
  o.status as order_status,
  o.is_cancelled,
  l.quantity,
  l.unit_price,
  l.discount_percent,
  l.gross_amount,
  l.discount_amount,
  l.line_total,
  -- Shipping is paid for the order: the whole of it stands at its first line.
  (case when l.is_first_line then o.shipping_amount else 0 end)::decimal(12, 2) as shipping_amount,
  greatest(o.loaded_at, l.lines_loaded_at) as loaded_at
from lines as l
join {{ ref('stg_orders') }} as o using (order_id)
