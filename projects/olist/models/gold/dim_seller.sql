select
  seller_id,
  seller_zip_code_prefix as zip_code_prefix,
  seller_city as city,
  seller_state as state,
  seller_region as region,
  seller_lat as lat,
  seller_lng as lng
from {{ ref('sellers') }}
