{{ config(unique_key=['product_id', 'component_number']) }}

with latest as (
  {{ latest_rows(
    'recipes',
    'product_id, component_number',
    'ingestion_timestamp desc, component_id, component_name, quantity, unit, unit_cost, scrap_rate'
  ) }}
)

select
  product_id,
  component_number,
  component_id,
  {{ text('component_name') }} as component_name,
  quantity,
  {{ word('unit') }} as unit,
  unit_cost,
  scrap_rate,
  round(quantity::double * unit_cost::double * (1 + scrap_rate::double), 4)::decimal(14, 4) as component_cost,
  ingestion_timestamp as loaded_at
from latest
