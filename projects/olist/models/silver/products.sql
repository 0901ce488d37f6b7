{{ config(materialized='incremental', incremental_strategy='merge', unique_key='product_id') }}

with
{% if is_incremental() %}
{% set seen = seen_until() %}
affected as (
  select product_id from {{ source('bronze', 'products') }} where ingestion_timestamp > {{ seen }}
  union
  select product_id
  from {{ this }}
  where product_category_name in (
    select product_category_name
    from {{ source('bronze', 'product_category') }}
    where ingestion_timestamp > {{ seen }}
  )
),
{% endif %}

latest as (
  {{ latest_rows(
    source('bronze', 'products'),
    'product_id',
    'ingestion_timestamp desc, product_category_name, product_name_lenght, product_description_lenght, '
    ~ 'product_photos_qty, product_weight_g, product_length_cm, product_height_cm, product_width_cm',
    'product_id is not null',
    only='affected' if is_incremental() else none
  ) }}
),

translations as (
  {{ latest_rows(
    source('bronze', 'product_category'),
    'product_category_name',
    'ingestion_timestamp desc, product_category_name_english',
    'product_category_name is not null'
  ) }}
)

select
  p.product_id,
  p.product_category_name,
  coalesce(t.product_category_name_english, p.product_category_name, 'unknown') as product_category,
  p.product_name_lenght as product_name_length,
  p.product_description_lenght as product_description_length,
  coalesce(p.product_photos_qty, 0) as product_photos_qty,
  p.product_weight_g,
  p.product_length_cm,
  p.product_height_cm,
  p.product_width_cm,
  p.product_length_cm * p.product_height_cm * p.product_width_cm as product_volume_cm3,
  greatest(p.ingestion_timestamp, t.ingestion_timestamp) as loaded_at
from latest as p
left join translations as t using (product_category_name)
