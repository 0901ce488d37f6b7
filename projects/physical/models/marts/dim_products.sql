-- Products that a fact names and no file has brought are members, too: no fact is left without its product.
with
recipes as (
  select
    product_id,
    count(*) as components,
    max(component_number) = count(*) as is_recipe_complete,
    sum(component_cost)::decimal(14, 4) as material_cost
  from {{ ref('stg_recipes') }}
  group by product_id
),

named as (
  select product_id from {{ ref('stg_order_lines') }}
  union
  select product_id from {{ ref('stg_returns') }}
  union
  select product_id from {{ ref('stg_waste') }}
  union
  select product_id from {{ ref('stg_quality') }}
)

select
  p.product_id,
  p.sku,
  p.product_name,
  p.category,
  p.subcategory,
  p.supplier_id,
  p.unit_price,
  p.unit_cost,
  p.unit_margin,
  p.margin_rate,
  p.weight_kg,
  p.launched_on,
  p.status,
  p.is_active,
  coalesce(r.components, 0) as components,
  coalesce(r.is_recipe_complete, false) as is_recipe_complete,
  r.material_cost,
  p.updated_at,
  false as is_inferred
from {{ ref('stg_products') }} as p
left join recipes as r using (product_id)
union all
select
  product_id,
  null as sku,
  'unknown' as product_name,
  'Unknown' as category,
  null as subcategory,
  null as supplier_id,
  null as unit_price,
  null as unit_cost,
  null as unit_margin,
  null as margin_rate,
  null as weight_kg,
  null as launched_on,
  'unknown' as status,
  false as is_active,
  0 as components,
  false as is_recipe_complete,
  null as material_cost,
  null as updated_at,
  true as is_inferred
from named
anti join {{ ref('stg_products') }} using (product_id)
