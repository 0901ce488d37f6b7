-- Every day, gold.daily_revenue, silver.orders and the star's fact_sales tell the same revenue.
with
orders as (
  select order_date as date, sum(revenue) as revenue, sum(items) as items
  from {{ ref('orders') }}
  group by order_date
),

sales as (
  select order_date as date, sum(revenue) as revenue, count(*) as items
  from {{ ref('fact_sales') }}
  group by order_date
)

select d.date, d.revenue, o.revenue as revenue_of_orders, s.revenue as revenue_of_sales
from {{ ref('daily_revenue') }} as d
full join orders as o using (date)
left join sales as s using (date)
where d.revenue is distinct from o.revenue
  or d.items is distinct from o.items
  or o.revenue is distinct from coalesce(s.revenue, 0)
  or o.items is distinct from coalesce(s.items, 0)
