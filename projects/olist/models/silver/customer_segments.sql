with
orders as ({{ latest_orders() }}),

items as (
  select order_id, count(*) as items, sum(revenue) as revenue
  from {{ ref('order_items') }}
  group by order_id
),

customers as (
  select
    coalesce(c.customer_unique_id, o.customer_id) as customer_unique_id,
    count(*) as orders,
    coalesce(sum(i.items), 0)::bigint as items,
    coalesce(sum(i.revenue), 0)::decimal(18, 2) as revenue,
    min(o.order_purchase_timestamp)::date as first_order_date,
    max(o.order_purchase_timestamp)::date as last_order_date
  from orders as o
  left join {{ ref('customers') }} as c using (customer_id)
  left join items as i using (order_id)
  group by 1
),

scored as (
  select
    *,
    date_diff('day', last_order_date, max(last_order_date) over ()) as recency_days,
    ntile(5) over (order by last_order_date, customer_unique_id)::integer as r_score,
    ntile(5) over (order by orders, customer_unique_id)::integer as f_score,
    ntile(5) over (order by revenue, customer_unique_id)::integer as m_score
  from customers
)

select *, {{ rfm_segment('r_score', 'f_score', 'm_score') }} as customer_segment
from scored
