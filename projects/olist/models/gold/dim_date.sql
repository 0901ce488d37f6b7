with
bounds as (
  select
    date_trunc('year', min(order_date)) as first_day,
    date_trunc('year', max(order_date)) + interval 1 year - interval 1 day as last_day
  from {{ ref('orders') }}
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
