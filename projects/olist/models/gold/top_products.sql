with sales as (
  select
    product_id,
    any_value(product_category) as category,
    count(distinct order_id) as orders,
    count(*) as items,
    sum(price)::decimal(18, 2) as price,
    sum(freight_value)::decimal(18, 2) as freight,
    sum(revenue)::decimal(18, 2) as revenue
  from {{ ref('order_items') }}
  where product_id is not null
  group by product_id
)

select row_number() over (order by revenue desc, product_id) as revenue_rank, *
from sales
qualify revenue_rank <= {{ var('top_n') }}
