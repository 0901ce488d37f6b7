with
members as (
  select customer_unique_id, date_trunc('month', first_order_date)::date as cohort_month
  from {{ ref('customer_segments') }}
),

cohorts as (
  select cohort_month, count(*) as cohort_customers
  from members
  group by cohort_month
),

active_months as (
  select distinct customer_unique_id, date_trunc('month', order_date)::date as active_month
  from {{ ref('orders') }}
),

activity as (
  select
    m.cohort_month,
    date_diff('month', m.cohort_month, a.active_month) as months_since_first,
    count(*) as active_customers
  from active_months as a
  join members as m using (customer_unique_id)
  group by all
)

select
  a.cohort_month,
  a.months_since_first,
  c.cohort_customers,
  a.active_customers,
  a.active_customers / c.cohort_customers::double as retention_rate
from activity as a
join cohorts as c using (cohort_month)
