{{ config(materialized='incremental', incremental_strategy='merge', unique_key='product_version_id') }}

-- A version that has come ends the one before: all versions of its product are computed again.
with versions as (
  select *
  from {{ ref('products_history') }}
  {% if is_incremental() %}
  where product_id in (select product_id from {{ ref('products_history') }} where loaded_at > {{ seen_until() }})
  {% endif %}
)

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
  dbt_valid_to is null as is_current,
  loaded_at
from versions
