{{ config(materialized='incremental', incremental_strategy='merge', unique_key='seller_id') }}

with
{% if is_incremental() %}
{% set seen = seen_until() %}
affected as (
  select seller_id from {{ source('bronze', 'sellers') }} where ingestion_timestamp > {{ seen }}
  union
  select seller_id
  from {{ this }}
  where seller_zip_code_prefix in (select zip_code_prefix from {{ ref('geolocation') }} where loaded_at > {{ seen }})
),
{% endif %}

latest as (
  {{ latest_rows(
    source('bronze', 'sellers'),
    'seller_id',
    'ingestion_timestamp desc, seller_zip_code_prefix, seller_city, seller_state',
    'seller_id is not null',
    only='affected' if is_incremental() else none
  ) }}
),

cleaned as (
  select
    seller_id,
    {{ zip_prefix('seller_zip_code_prefix') }} as seller_zip_code_prefix,
    {{ city_name('seller_city') }} as seller_city,
    upper(trim(seller_state)) as seller_state,
    ingestion_timestamp
  from latest
)

select
  s.seller_id,
  s.seller_zip_code_prefix,
  coalesce(s.seller_city, g.city) as seller_city,
  coalesce(s.seller_state, g.state) as seller_state,
  {{ region('coalesce(s.seller_state, g.state)') }} as seller_region,
  g.lat as seller_lat,
  g.lng as seller_lng,
  greatest(s.ingestion_timestamp, g.loaded_at) as loaded_at
from cleaned as s
left join {{ ref('geolocation') }} as g on g.zip_code_prefix = s.seller_zip_code_prefix
