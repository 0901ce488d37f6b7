with
sales as (
  select
    product_category as category,
    count(distinct order_id) as orders,
    count(*) as items,
    count(distinct product_id) as products_sold,
    count(distinct seller_id) as sellers,
    sum(price)::decimal(18, 2) as price,
    sum(freight_value)::decimal(18, 2) as freight,
    sum(revenue)::decimal(18, 2) as revenue
  from {{ ref('order_items') }}
  group by product_category
),

catalogue as (
  select product_category as category, count(*) as products_listed
  from {{ ref('products') }}
  group by product_category
)

select
  s.category,
  s.orders,
  s.items,
  s.products_sold,
  coalesce(c.products_listed, 0) as products_listed,
  s.sellers,
  s.price,
  s.freight,
  s.revenue,
  s.price::double / s.items as average_price,
  s.items / nullif(c.products_listed, 0)::double as inventory_turnover,
  s.revenue::double / nullif(sum(s.revenue) over (), 0)::double as revenue_share,
  row_number() over (order by s.revenue desc, s.category) as revenue_rank
from sales as s
left join catalogue as c using (category)
