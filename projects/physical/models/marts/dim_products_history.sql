select
  dbt_scd_id as product_version_id,
  product_id,
  row_number() over (partition by product_id order by dbt_valid_from) as version_number,
  sku,
  product_name,
  category,
  subcategory,
  supplier_id,
  unit_price,
  unit_cost,
  weight_kg,
  status,
  -- Nothing is known from before the first version: it holds for all that came earlier.
  case
    when row_number() over (partition by product_id order by dbt_valid_from) = 1 then timestamp '1900-01-01 00:00:00'
    else dbt_valid_from
  end as valid_from,
  dbt_valid_to as valid_to,
  dbt_valid_to is null as is_current
from {{ ref('products_history') }}
