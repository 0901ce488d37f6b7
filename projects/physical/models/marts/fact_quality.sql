{{ config(materialized='incremental', incremental_strategy='merge', unique_key='inspection_id') }}

select
  inspection_id,
  inspection_date,
  inspected_at,
  product_id,
  supplier_id,
  batch_number,
  sample_size,
  defects,
  defect_rate,
  result,
  is_passed,
  loaded_at
from {{ ref('stg_quality') }}
{% if is_incremental() %}
{% set seen = seen_until() %}
where loaded_at > {{ seen }}
{% endif %}
