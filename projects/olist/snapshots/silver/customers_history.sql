{% snapshot customers_history %}

{{ config(
  unique_key='customer_id',
  strategy='check',
  check_cols=['customer_unique_id', 'customer_zip_code_prefix', 'customer_city', 'customer_state'],
  updated_at='loaded_at'
) }}

select
  customer_id,
  customer_unique_id,
  customer_zip_code_prefix,
  customer_city,
  customer_state,
  loaded_at
from {{ ref('customers') }}

{% endsnapshot %}
