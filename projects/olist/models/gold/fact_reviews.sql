{{ config(materialized='incremental', incremental_strategy='merge', unique_key=['review_id', 'order_id']) }}

select
  r.review_id,
  r.order_id,
  o.order_date,
  o.customer_unique_id,
  r.review_creation_date::date as review_date,
  r.review_score,
  r.has_comment,
  date_diff('second', r.review_creation_date, r.review_answer_timestamp) / 86400.0::double as answer_time_days,
  o.is_delayed,
  greatest(r.loaded_at, o.loaded_at) as loaded_at
from {{ ref('order_reviews') }} as r
join {{ ref('orders') }} as o using (order_id)
{% if is_incremental() %}
{% set seen = seen_until() %}
where r.loaded_at > {{ seen }} or o.loaded_at > {{ seen }}
{% endif %}
