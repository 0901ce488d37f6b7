{{ config(unique_key='product_id') }}

with latest as (
  {{ latest_rows(
    'products',
    'product_id',
    'updated_at desc, ingestion_timestamp desc, sku, product_name, category, subcategory, supplier_id, unit_price, '
    ~ 'unit_cost, weight_kg, launched_on, status'
  ) }}
)

select
  product_id,
  upper(trim(sku)) as sku,
  {{ text('product_name') }} as product_name,
  {{ capitalised('category') }} as category,
  {{ text('subcategory') }} as subcategory,
  supplier_id,
  unit_price,
  unit_cost,
  (unit_price - unit_cost)::decimal(12, 2) as unit_margin,
  (unit_price - unit_cost)::double / nullif(unit_price, 0)::double as margin_rate,
  weight_kg,
  launched_on,
  {{ word('status') }} as status,
  {{ word('status') }} = 'active' as is_active,
  updated_at,
  ingestion_timestamp as loaded_at
from latest
