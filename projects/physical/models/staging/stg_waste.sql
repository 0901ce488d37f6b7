{{ config(unique_key='waste_id') }}

with latest as (
  {{ latest_rows(
    'waste',
    'waste_id',
    'ingestion_timestamp desc, wasted_at desc, product_id, component_id, warehouse_id, quantity, unit, reason, cost'
  ) }}
)

select
  waste_id,
  product_id,
  component_id,
  warehouse_id,
  wasted_at,
  wasted_at::date as waste_date,
  quantity,
  {{ word('unit') }} as unit,
  {{ word('reason') }} as reason,
  cost,
  ingestion_timestamp as loaded_at
from latest
