-- Days whose sales are further from the usual of their weekday than the variable outlier_sigmas says. Sales spread by
-- factors rather than by sums, so that their logarithms are judged.
{{ config(severity='warn') }}

with
days as (
  select date, isodow(date) as weekday, sum(net_sales) as net_sales, ln(sum(net_sales)::double) as magnitude
  from {{ ref('metrics_sales_performance') }}
  group by date
  having sum(net_sales) > 0
),

judged as (
  select
    *,
    avg(magnitude) over (partition by weekday) as mean,
    stddev_samp(magnitude) over (partition by weekday) as sigma
  from days
)

select date, net_sales, exp(mean) as usual
from judged
where abs(magnitude - mean) > {{ var('outlier_sigmas') }} * sigma
