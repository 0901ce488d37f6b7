{{ config(unique_key='return_id') }}

with latest as (
  {{ latest_rows(
    'returns',
    'return_id',
    'ingestion_timestamp desc, returned_at desc, order_id, line_number, product_id, quantity, reason, condition, '
    ~ 'refund_amount'
  ) }}
)

select
  return_id,
  order_id,
  line_number,
  product_id,
  returned_at,
  returned_at::date as return_date,
  quantity,
  {{ word('reason') }} as reason,
  {{ word('reason') }} in ('defective', 'damaged', 'not as described') as is_quality_issue,
  {{ word('condition') }} as condition,
  refund_amount,
  ingestion_timestamp as loaded_at
from latest
