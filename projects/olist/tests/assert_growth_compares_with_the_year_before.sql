-- Growth is there exactly when the same day (month) one year before has revenue, and is what the two rows say.
with series as (
  select 'day' as grain, date as period, revenue, revenue_yoy_growth from {{ ref('daily_revenue') }}
  union all
  select 'month', month, revenue, revenue_yoy_growth from {{ ref('monthly_revenue') }}
)

select s.grain, s.period, s.revenue, b.revenue as revenue_before, s.revenue_yoy_growth
from series as s
left join series as b on b.grain = s.grain and b.period = (s.period - interval 1 year)::date and b.revenue <> 0
where (s.revenue_yoy_growth is null) <> (b.revenue is null)
  or abs(s.revenue_yoy_growth - (s.revenue / b.revenue - 1)) > 1e-9
