{{ config(materialized='incremental', incremental_strategy='merge', unique_key=['order_id', 'payment_sequential']) }}

select
  p.order_id,
  p.payment_sequential,
  o.order_date,
  o.customer_unique_id,
  p.payment_type,
  p.payment_installments,
  p.payment_value,
  o.loaded_at
from {{ ref('order_payments') }} as p
join {{ ref('orders') }} as o using (order_id)
{% if is_incremental() %}
{% set seen = seen_until() %}
-- An order is loaded again when one of its payments is.
where o.loaded_at > {{ seen }}
{% endif %}
