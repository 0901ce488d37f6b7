{{
  config(
    materialized='incremental',
    incremental_strategy='merge',
    unique_key='product_id',
    post_hook="delete from {{ this }} where is_inferred is null"
  )
}}

-- Products that a fact names and no file has brought are members, too: no fact is left without its product.
{% set naming = [ref('stg_order_lines'), ref('stg_returns'), ref('stg_waste'), ref('stg_quality')] %}
with
{% if is_incremental() %}
{% set seen = seen_until() %}
affected as (
  select product_id from {{ ref('stg_products') }} where loaded_at > {{ seen }}
  union
  select product_id from {{ ref('stg_recipes') }} where loaded_at > {{ seen }}
),
{% endif %}

products as (
  select *
  from {{ ref('stg_products') }}
  {% if is_incremental() %}
  semi join affected using (product_id)
  {% endif %}
),

recipes as (
  select
    product_id,
    count(*) as components,
    max(component_number) = count(*) as is_recipe_complete,
    sum(component_cost)::decimal(14, 4) as material_cost,
    max(loaded_at) as loaded_at
  from {{ ref('stg_recipes') }}
  {% if is_incremental() %}
  semi join affected using (product_id)
  {% endif %}
  group by product_id
),

named as (
  {% for fact in naming %}
  select product_id, max(loaded_at) as loaded_at
  from {{ fact }}
  {% if is_incremental() %}
  where loaded_at > {{ seen }}
  {% endif %}
  group by product_id
  {% if not loop.last %}
  union all
  {% endif %}
  {% endfor %}
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
  false as is_inferred,
  greatest(p.loaded_at, r.loaded_at) as loaded_at
from products as p
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
  true as is_inferred,
  max(loaded_at) as loaded_at
from named
anti join {{ ref('stg_products') }} using (product_id)
group by product_id
{% if is_incremental() %}
union all
-- Inferred members whose facts have come again with another product.
select * replace (null as is_inferred)
from {{ this }}
{% for fact in naming %}
anti join {{ fact }} using (product_id)
{% endfor %}
anti join {{ ref('stg_products') }} using (product_id)
where is_inferred
{% endif %}
