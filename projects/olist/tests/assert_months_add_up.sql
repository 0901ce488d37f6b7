-- A month is the sum of its days, in every measure.
with days as (
  select
    date_trunc('month', date)::date as month,
    sum(orders) as orders,
    sum(items) as items,
    sum(price) as price,
    sum(freight) as freight,
    sum(revenue) as revenue,
    sum(payment_value) as payment_value
  from {{ ref('daily_revenue') }}
  group by 1
)

select month
from {{ ref('monthly_revenue') }} as m
full join days as d using (month)
where (m.orders, m.items, m.price, m.freight, m.revenue, m.payment_value)
  is distinct from (d.orders, d.items, d.price, d.freight, d.revenue, d.payment_value)
