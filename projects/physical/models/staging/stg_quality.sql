{{ config(unique_key='inspection_id') }}

with latest as (
  {{ latest_rows(
    'quality',
    'inspection_id',
    'ingestion_timestamp desc, inspected_at desc, product_id, supplier_id, batch_number, sample_size, defects, result, '
    ~ 'inspector, notes'
  ) }}
)

select
  inspection_id,
  product_id,
  supplier_id,
  upper(trim(batch_number)) as batch_number,
  inspected_at,
  inspected_at::date as inspection_date,
  sample_size,
  defects,
  defects / sample_size::double as defect_rate,
  {{ word('result') }} as result,
  {{ word('result') }} = 'pass' as is_passed,
  {{ text('inspector') }} as inspector,
  {{ text('notes') }} as notes,
  ingestion_timestamp as loaded_at
from latest
