{{ config(unique_key='product_id') }}

with
versions as (
  select product_id, count(*) as versions
  from {{ ref('dim_products_history') }}
  group by product_id
),

{% if is_incremental() %}
affected as (
  {{ changed_groups(ref('fact_sales'), ['product_id']) }}
  union
  -- A version that came later may have begun before an order.
  select product_id
  from {{ this }} as t
  join versions as v using (product_id)
  where t.versions is distinct from v.versions
),
{% endif %}

sales as (
  select *
  from {{ ref('fact_sales') }}
  {% if is_incremental() %}
  right join affected using (product_id)
  {% endif %}
),

summed as (
  select
    s.product_id,
    count(s.order_id) as fact_rows,
    count(distinct s.order_id) filter (where not s.is_cancelled) as orders,
    coalesce(sum(s.quantity) filter (where not s.is_cancelled), 0)::bigint as units,
    coalesce(sum(s.gross_amount) filter (where not s.is_cancelled), 0)::decimal(18, 2) as gross_amount,
    coalesce(sum(s.discount_amount) filter (where not s.is_cancelled), 0)::decimal(18, 2) as discount_amount,
    coalesce(sum(s.line_total) filter (where not s.is_cancelled), 0)::decimal(18, 2) as net_sales,
    -- The cost is that of the product's version at the time of the order.
    sum(s.quantity * h.unit_cost) filter (where not s.is_cancelled)::decimal(18, 2) as cost_of_sales,
    sum(case when h.unit_cost is not null then s.line_total end)
      filter (where not s.is_cancelled)::decimal(18, 2) as net_sales_with_cost,
    min(s.order_date) filter (where not s.is_cancelled) as first_sale,
    max(s.order_date) filter (where not s.is_cancelled) as last_sale,
    max(s.loaded_at) as loaded_at
  from sales as s
  left join {{ ref('dim_products_history') }} as h
    on h.product_id = s.product_id
    and s.ordered_at >= h.valid_from
    and s.ordered_at < coalesce(h.valid_to, timestamp '9999-12-31 00:00:00')
  group by s.product_id
)

select s.*, coalesce(v.versions, 0) as versions
from summed as s
left join versions as v using (product_id)
