{% snapshot products_history %}

{{ config(
  unique_key='product_id',
  strategy='check',
  check_cols=[
    'product_category_name',
    'product_name_length',
    'product_description_length',
    'product_photos_qty',
    'product_weight_g',
    'product_length_cm',
    'product_height_cm',
    'product_width_cm'
  ],
  updated_at='loaded_at'
) }}

select
  product_id,
  product_category_name,
  product_name_length,
  product_description_length,
  product_photos_qty,
  product_weight_g,
  product_length_cm,
  product_height_cm,
  product_width_cm,
  loaded_at
from {{ ref('products') }}

{% endsnapshot %}
