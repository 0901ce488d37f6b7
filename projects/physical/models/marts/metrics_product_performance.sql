{{ config(materialized='view') }}

with
sales as (
  select
    s.product_id,
    count(distinct s.order_id) as orders,
    sum(s.quantity)::bigint as units,
    sum(s.gross_amount)::decimal(18, 2) as gross_amount,
    sum(s.discount_amount)::decimal(18, 2) as discount_amount,
    sum(s.line_total)::decimal(18, 2) as net_sales,
    -- The cost is that of the product's version at the time of the order.
    sum(s.quantity * h.unit_cost)::decimal(18, 2) as cost_of_sales,
    sum(case when h.unit_cost is not null then s.line_total end)::decimal(18, 2) as net_sales_with_cost,
    min(s.order_date) as first_sale,
    max(s.order_date) as last_sale
  from {{ ref('fact_sales') }} as s
  left join {{ ref('dim_products_history') }} as h
    on h.product_id = s.product_id
    and s.ordered_at >= h.valid_from
    and s.ordered_at < coalesce(h.valid_to, timestamp '9999-12-31 00:00:00')
  where not s.is_cancelled
  group by s.product_id
),

returned as (
  select
    product_id,
    sum(quantity)::bigint as returned_units,
    sum(quantity) filter (where is_quality_issue)::bigint as returned_for_quality,
    sum(refund_amount)::decimal(18, 2) as refund_amount
  from {{ ref('fact_returns') }}
  group by product_id
),

inspected as (
  select
    product_id,
    count(*) as inspections,
    count(*) filter (where is_passed) as passed,
    sum(sample_size)::bigint as pieces_inspected,
    sum(defects)::bigint as defects
  from {{ ref('fact_quality') }}
  group by product_id
),

wasted as (
  select product_id, sum(cost)::decimal(18, 2) as waste_cost
  from {{ ref('fact_waste') }}
  group by product_id
),

together as (
  select
    p.product_id,
    p.product_name,
    p.category,
    p.supplier_id,
    p.status,
    coalesce(s.orders, 0) as orders,
    coalesce(s.units, 0) as units,
    coalesce(s.gross_amount, 0)::decimal(18, 2) as gross_amount,
    coalesce(s.discount_amount, 0)::decimal(18, 2) as discount_amount,
    coalesce(s.net_sales, 0)::decimal(18, 2) as net_sales,
    s.cost_of_sales,
    (s.net_sales_with_cost - s.cost_of_sales)::decimal(18, 2) as gross_margin,
    (s.net_sales_with_cost - s.cost_of_sales)::double / nullif(s.net_sales_with_cost, 0)::double as gross_margin_rate,
    coalesce(r.returned_units, 0) as returned_units,
    coalesce(r.returned_for_quality, 0) as returned_for_quality,
    r.returned_units::double / nullif(s.units, 0) as return_rate,
    coalesce(r.refund_amount, 0)::decimal(18, 2) as refund_amount,
    coalesce(i.inspections, 0) as inspections,
    i.passed::double / nullif(i.inspections, 0) as pass_rate,
    i.defects::double / nullif(i.pieces_inspected, 0) as defect_rate,
    coalesce(w.waste_cost, 0)::decimal(18, 2) as waste_cost,
    s.first_sale,
    s.last_sale,
    row_number() over (order by coalesce(s.net_sales, 0) desc, p.product_id) as sales_rank,
    sum(coalesce(s.net_sales, 0)) over (order by coalesce(s.net_sales, 0) desc, p.product_id)::double
      / nullif(sum(s.net_sales) over (), 0)::double as cumulative_share
  from {{ ref('dim_products') }} as p
  left join sales as s using (product_id)
  left join returned as r using (product_id)
  left join inspected as i using (product_id)
  left join wasted as w using (product_id)
)

select
  *,
  case
    when units = 0 then 'none'
    when cumulative_share <= {{ var('class_a_share') }} or sales_rank = 1 then 'A'
    when cumulative_share <= {{ var('class_b_share') }} then 'B'
    else 'C'
  end as sales_class
from together
