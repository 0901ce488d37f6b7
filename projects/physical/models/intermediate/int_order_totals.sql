{{ config(unique_key='order_id') }}

-- What the header of each order says against what its lines add up to. A line that waits in quarantine is missing here.
with
{% if is_incremental() %}
{% set seen = seen_until() %}
affected as (
  select order_id from {{ ref('stg_orders') }} where loaded_at > {{ seen }}
  union
  select order_id from {{ ref('stg_order_lines') }} where loaded_at > {{ seen }}
),
{% endif %}

headers as (
  select *
  from {{ ref('stg_orders') }}
  {% if is_incremental() %}
  semi join affected using (order_id)
  {% endif %}
),

lines as (
  select
    order_id,
    count(*) as lines,
    max(line_number) as last_line_number,
    sum(line_total)::decimal(18, 2) as lines_total,
    max(loaded_at) as loaded_at
  from {{ ref('stg_order_lines') }}
  {% if is_incremental() %}
  semi join affected using (order_id)
  {% endif %}
  group by order_id
)

select
  o.order_id,
  o.order_date,
  coalesce(l.lines, 0) as lines,
  coalesce(l.last_line_number, 0) as last_line_number,
  coalesce(l.lines_total, 0)::decimal(18, 2) as lines_total,
  o.shipping_amount,
  o.order_total,
  (o.order_total - o.shipping_amount - coalesce(l.lines_total, 0))::decimal(18, 2) as missing_amount,
  o.order_total = o.shipping_amount + coalesce(l.lines_total, 0) as is_complete,
  greatest(o.loaded_at, l.loaded_at) as loaded_at
from headers as o
left join lines as l using (order_id)
