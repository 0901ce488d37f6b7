with sales as (
  select
    seller_id,
    count(distinct order_id) as orders,
    count(*) as items,
    count(distinct product_id) as products_sold,
    sum(price)::decimal(18, 2) as price,
    sum(freight_value)::decimal(18, 2) as freight,
    sum(revenue)::decimal(18, 2) as revenue
  from {{ ref('order_items') }}
  where seller_id is not null
  group by seller_id
),

ranked as (
  select row_number() over (order by revenue desc, seller_id) as revenue_rank, *
  from sales
  qualify revenue_rank <= {{ var('top_n') }}
)

select r.revenue_rank, r.seller_id, s.seller_city, s.seller_state, r.* exclude (revenue_rank, seller_id)
from ranked as r
left join {{ ref('sellers') }} as s using (seller_id)
