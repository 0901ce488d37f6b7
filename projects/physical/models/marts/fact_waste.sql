{{ config(materialized='incremental', incremental_strategy='merge', unique_key='waste_id') }}

select
  waste_id,
  waste_date,
  wasted_at,
  product_id,
  component_id,
  warehouse_id,
  reason,
  quantity,
  unit,
  cost,
  loaded_at
from {{ ref('stg_waste') }}
{% if is_incremental() %}
{% set seen = seen_until() %}
where loaded_at > {{ seen }}
{% endif %}
