{{ config(materialized='view') }}

with
refunds as (
  select
    return_date as date,
    channel,
    count(*) as returns,
    sum(quantity)::bigint as returned_units,
    sum(refund_amount)::decimal(18, 2) as refund_amount
  from {{ ref('fact_returns') }}
  group by 1, 2
),

together as (
  select
    coalesce(s.order_date, r.date) as date,
    coalesce(s.channel, r.channel) as channel,
    coalesce(s.orders, 0) as orders,
    coalesce(s.cancelled_orders, 0) as cancelled_orders,
    coalesce(s.customers, 0) as customers,
    coalesce(s.units, 0) as units,
    coalesce(s.gross_amount, 0)::decimal(18, 2) as gross_amount,
    coalesce(s.discount_amount, 0)::decimal(18, 2) as discount_amount,
    coalesce(s.net_sales, 0)::decimal(18, 2) as net_sales,
    coalesce(s.shipping_amount, 0)::decimal(18, 2) as shipping_amount,
    coalesce(r.returns, 0) as returns,
    coalesce(r.returned_units, 0) as returned_units,
    coalesce(r.refund_amount, 0)::decimal(18, 2) as refund_amount
  from {{ ref('sales_by_day') }} as s
  full join refunds as r on r.date = s.order_date and r.channel = s.channel
)

select
  t.date,
  t.channel,
  t.orders,
  t.cancelled_orders,
  t.customers,
  t.units,
  t.gross_amount,
  t.discount_amount,
  t.net_sales,
  t.shipping_amount,
  t.returns,
  t.returned_units,
  t.refund_amount,
  (t.net_sales - t.refund_amount)::decimal(18, 2) as sales_after_refunds,
  t.net_sales::double / nullif(t.orders, 0) as average_order_value,
  t.discount_amount::double / nullif(t.gross_amount, 0)::double as discount_rate,
  t.cancelled_orders::double / nullif(t.orders + t.cancelled_orders, 0) as cancellation_rate,
  b.net_sales as net_sales_year_before,
  (t.net_sales - b.net_sales)::double / nullif(b.net_sales, 0)::double as net_sales_growth
from together as t
left join together as b on b.channel = t.channel and b.date = (t.date - interval 1 year)::date
