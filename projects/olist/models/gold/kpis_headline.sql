with
as_of as (
  select max(date) as as_of_date from {{ ref('daily_revenue') }}
),

revenue as (
  select
    max(as_of_date) as as_of_date,
    coalesce(sum(revenue), 0)::decimal(18, 2) as revenue_total,
    coalesce(sum(revenue) filter (where date >= date_trunc('month', as_of_date)), 0)::decimal(18, 2) as revenue_mtd,
    coalesce(sum(revenue) filter (where date >= date_trunc('year', as_of_date)), 0)::decimal(18, 2) as revenue_ytd,
    coalesce(sum(payment_value), 0)::decimal(18, 2) as payment_value_total,
    coalesce(sum(orders), 0)::bigint as orders,
    coalesce(sum(items), 0)::bigint as items
  from {{ ref('daily_revenue') }}, as_of
),

customers as (
  select
    count(*) as customers,
    count(*) filter (where recency_days <= {{ var('active_days') }}) as active_customers,
    count(*) filter (where orders > 1)::double / nullif(count(*), 0) as repeat_customer_rate,
    count(*) filter (where recency_days > {{ var('churn_days') }})::double / nullif(count(*), 0) as churn_rate
  from {{ ref('customer_segments') }}
),

delivery as (
  select
    count(*) filter (where is_delivered) as delivered,
    count(*) filter (where is_delayed) as delayed,
    count(*) filter (where not is_delayed)::double / nullif(count(is_delayed), 0) as on_time_rate,
    sum(date_diff('second', order_purchase_timestamp, order_delivered_customer_date))::double
      / 86400 / nullif(count(*) filter (where is_delivered), 0) as mean_delivery_days
  from {{ ref('orders') }}
),

reviews as (
  select sum(review_score)::double / nullif(count(review_score), 0) as mean_review_score from {{ ref('order_reviews') }}
)

select
  r.as_of_date,
  r.revenue_total,
  r.revenue_mtd,
  r.revenue_ytd,
  r.payment_value_total,
  r.orders,
  r.items,
  r.revenue_total::double / nullif(r.orders, 0) as average_order_value,
  c.customers,
  c.active_customers,
  c.repeat_customer_rate,
  c.churn_rate,
  d.delivered,
  d.delayed,
  d.on_time_rate,
  d.mean_delivery_days,
  v.mean_review_score
from revenue as r, customers as c, delivery as d, reviews as v
