{% snapshot customers_history %}

{{ config(unique_key='customer_id', strategy='timestamp', updated_at='updated_at') }}

select
  customer_id,
  postal_code,
  city,
  state,
  country,
  segment,
  marketing_consent,
  updated_at,
  loaded_at
from {{ ref('stg_customers') }}
{{ not_seen_by_this() }}

{% endsnapshot %}
