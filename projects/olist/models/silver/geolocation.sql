{{ config(materialized='incremental', incremental_strategy='merge', unique_key='zip_code_prefix') }}

with
{% if is_incremental() %}
{% set seen = seen_until() %}
affected as (
  select distinct {{ zip_prefix('geolocation_zip_code_prefix') }} as zip_code_prefix
  from {{ source('bronze', 'geolocation') }}
  where ingestion_timestamp > {{ seen }}
),
{% endif %}

-- The million points shrink to some 30,000 spellings first, so that texts are cleaned once per spelling. Coordinates
-- are added up as whole millionths of a degree: the mean is then the same in whatever order the points are read.
spellings as (
  select
    geolocation_zip_code_prefix as zip,
    geolocation_city as city,
    geolocation_state as state,
    count(*) as points,
    count(*) filter (where {{ in_brazil() }}) as points_inside,
    sum((geolocation_lat * 1e6)::bigint) filter (where {{ in_brazil() }}) as lat_sum,
    sum((geolocation_lng * 1e6)::bigint) filter (where {{ in_brazil() }}) as lng_sum,
    max(ingestion_timestamp) as loaded_at
  from {{ source('bronze', 'geolocation') }}
  {% if is_incremental() %}
  semi join affected on affected.zip_code_prefix = {{ zip_prefix('geolocation_zip_code_prefix') }}
  {% endif %}
  group by all
),

places as (
  select
    {{ zip_prefix('zip') }} as zip_code_prefix,
    {{ city_name('city') }} as city,
    upper(trim(state)) as state,
    sum(points) as points,
    sum(points_inside) as points_inside,
    sum(lat_sum) as lat_sum,
    sum(lng_sum) as lng_sum,
    max(loaded_at) as loaded_at
  from spellings
  where zip is not null
  group by 1, 2, 3
)

select
  zip_code_prefix,
  arg_max(city, (points, city)) as city,
  arg_max(state, (points, state)) as state,
  round(sum(lat_sum) / sum(points_inside) / 1e6, 6) as lat,
  round(sum(lng_sum) / sum(points_inside) / 1e6, 6) as lng,
  sum(points)::bigint as points,
  (sum(points) - sum(points_inside))::bigint as points_outside,
  max(loaded_at) as loaded_at
from places
group by zip_code_prefix
