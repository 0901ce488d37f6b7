{{ config(materialized='view') }}

with
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
  left join {{ ref('sales_by_product') }} as s using (product_id)
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
