{{ config(materialized='incremental', incremental_strategy='merge', unique_key='return_id') }}

with
{% if is_incremental() %}
{% set seen = seen_until() %}
affected as (
  select return_id from {{ ref('stg_returns') }} where loaded_at > {{ seen }}
  union
  select return_id
  from {{ ref('stg_returns') }}
  where order_id in (
    select order_id from {{ ref('stg_orders') }} where loaded_at > {{ seen }}
    union
    select order_id from {{ ref('stg_order_lines') }} where loaded_at > {{ seen }}
  )
),
{% endif %}

returned as (
  select *
  from {{ ref('stg_returns') }}
  {% if is_incremental() %}
  semi join affected using (return_id)
  {% endif %}
)

select
  r.return_id,
  r.order_id,
  r.line_number,
  r.return_date,
  r.returned_at,
  o.order_date,
  coalesce(o.customer_id, 'unknown') as customer_id,
  r.product_id,
  coalesce(o.channel, 'unknown') as channel,
  r.reason,
  r.is_quality_issue,
  r.condition,
  r.quantity,
  r.refund_amount,
  l.quantity as ordered_quantity,
  l.line_total,
  date_diff('second', o.ordered_at, r.returned_at) / 86400.0::double as days_until_return,
  greatest(r.loaded_at, o.loaded_at, l.loaded_at) as loaded_at
from returned as r
left join {{ ref('stg_orders') }} as o using (order_id)
left join {{ ref('stg_order_lines') }} as l on l.order_id = r.order_id and l.line_number = r.line_number
