{{ config(materialized='incremental', incremental_strategy='merge', unique_key=['review_id', 'order_id']) }}

with
{% if is_incremental() %}
{% set seen = seen_until() %}
affected as (
  select distinct review_id, order_id
  from {{ source('bronze', 'order_reviews') }}
  where ingestion_timestamp > {{ seen }}
),
{% endif %}

latest as (
  {{ latest_rows(
    source('bronze', 'order_reviews'),
    'review_id, order_id',
    'review_answer_timestamp desc nulls last, ingestion_timestamp desc, review_creation_date desc, review_score, '
    ~ 'review_comment_title, review_comment_message',
    'review_id is not null and order_id is not null',
    only='affected' if is_incremental() else none
  ) }}
)

select
  review_id,
  order_id,
  review_score,
  nullif(trim(review_comment_title), '') as review_comment_title,
  nullif(trim(review_comment_message), '') as review_comment_message,
  review_creation_date,
  review_answer_timestamp,
  nullif(trim(review_comment_message), '') is not null as has_comment,
  ingestion_timestamp as loaded_at
from latest
