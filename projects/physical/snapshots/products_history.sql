{% snapshot products_history %}

{{ config(unique_key='product_id', strategy='timestamp', updated_at='updated_at') }}

select
  product_id,
  sku,
  product_name,
  category,
  subcategory,
  supplier_id,
  unit_price,
  unit_cost,
  weight_kg,
  status,
  updated_at,
  loaded_at
from {{ ref('stg_products') }}
{{ not_seen_by_this() }}

{% endsnapshot %}
