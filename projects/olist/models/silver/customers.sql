{{ config(materialized='incremental', incremental_strategy='merge', unique_key='customer_id') }}

with
{% if is_incremental() %}
{% set seen = seen_until() %}
affected as (
  select customer_id from {{ source('bronze', 'customers') }} where ingestion_timestamp > {{ seen }}
  union
  select customer_id
  from {{ this }}
  where customer_zip_code_prefix in (select zip_code_prefix from {{ ref('geolocation') }} where loaded_at > {{ seen }})
),
{% endif %}

latest as (
  {{ latest_rows(
    source('bronze', 'customers'),
    'customer_id',
    'ingestion_timestamp desc, customer_unique_id, customer_zip_code_prefix, customer_city, customer_state',
    'customer_id is not null',
    only='affected' if is_incremental() else none
  ) }}
),

cleaned as (
  select
    customer_id,
    coalesce(customer_unique_id, customer_id) as customer_unique_id,
    {{ zip_prefix('customer_zip_code_prefix') }} as customer_zip_code_prefix,
    {{ city_name('customer_city') }} as customer_city,
    upper(trim(customer_state)) as customer_state,
    ingestion_timestamp
  from latest
)

select
  c.customer_id,
  c.customer_unique_id,
  c.customer_zip_code_prefix,
  coalesce(c.customer_city, g.city) as customer_city,
  coalesce(c.customer_state, g.state) as customer_state,
  {{ region('coalesce(c.customer_state, g.state)') }} as customer_region,
  g.lat as customer_lat,
  g.lng as customer_lng,
  greatest(c.ingestion_timestamp, g.loaded_at) as loaded_at
from cleaned as c
left join {{ ref('geolocation') }} as g on g.zip_code_prefix = c.customer_zip_code_prefix
