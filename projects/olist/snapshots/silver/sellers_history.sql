{% snapshot sellers_history %}

{{ config(
  unique_key='seller_id',
  strategy='check',
  check_cols=['seller_zip_code_prefix', 'seller_city', 'seller_state'],
  updated_at='loaded_at'
) }}

select
  seller_id,
  seller_zip_code_prefix,
  seller_city,
  seller_state,
  loaded_at
from {{ ref('sellers') }}

{% endsnapshot %}
