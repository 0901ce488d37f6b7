with
days_in_use as (
  select order_date as date from {{ ref('stg_orders') }}
  union all
  select delivery_date from {{ ref('stg_shipments') }}
  union all
  select return_date from {{ ref('stg_returns') }}
  union all
  select waste_date from {{ ref('stg_waste') }}
  union all
  select inspection_date from {{ ref('stg_quality') }}
),

bounds as (
  select
    date_trunc('year', min(date)) as first_day,
    date_trunc('year', max(date)) + interval 1 year - interval 1 day as last_day
  from days_in_use
),

days as (
  select unnest(generate_series(first_day, last_day, interval 1 day))::date as date
  from bounds
)

select
  date,
  year(date)::integer as year,
  quarter(date)::integer as quarter,
  month(date)::integer as month,
  day(date)::integer as day,
  isodow(date)::integer as day_of_week,
  dayname(date) as day_name,
  monthname(date) as month_name,
  week(date)::integer as iso_week,
  date_trunc('month', date)::date as month_start,
  isodow(date) >= 6 as is_weekend
from days
