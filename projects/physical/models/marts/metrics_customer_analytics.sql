{{ config(materialized='view') }}

with returned as (
  select
    customer_id,
    count(*) as returns,
    sum(quantity)::bigint as returned_units,
    sum(refund_amount)::decimal(18, 2) as refund_amount
  from {{ ref('fact_returns') }}
  group by customer_id
)

select
  c.customer_id,
  c.country,
  c.segment,
  c.registered_on,
  coalesce(s.orders, 0) as orders,
  coalesce(s.units, 0) as units,
  coalesce(s.net_sales, 0)::decimal(18, 2) as net_sales,
  coalesce(r.returns, 0) as returns,
  coalesce(r.refund_amount, 0)::decimal(18, 2) as refund_amount,
  (coalesce(s.net_sales, 0) - coalesce(r.refund_amount, 0))::decimal(18, 2) as lifetime_value,
  s.net_sales::double / nullif(s.orders, 0) as average_order_value,
  r.returned_units::double / nullif(s.units, 0) as return_rate,
  s.first_order_date,
  s.last_order_date,
  date_trunc('month', s.first_order_date)::date as cohort_month,
  date_diff('day', s.first_order_date, s.last_order_date) as lifetime_days,
  s.recency_days,
  coalesce(s.orders > 1, false) as is_repeat,
  coalesce(s.recency_days <= {{ var('active_days') }}, false) as is_active,
  coalesce(s.recency_days > {{ var('lost_days') }}, false) as is_lost,
  s.r_score,
  s.f_score,
  s.m_score,
  case
    when s.customer_id is null then 'no_orders'
    else {{ rfm_segment('s.r_score', 's.f_score', 's.m_score') }}
  end as rfm_segment
from {{ ref('dim_customers') }} as c
left join {{ ref('customer_scores') }} as s using (customer_id)
left join returned as r using (customer_id)
where c.customer_id <> 'unknown'
