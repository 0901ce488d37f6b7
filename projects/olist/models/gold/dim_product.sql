select
  product_id,
  product_category as category,
  product_name_length as name_length,
  product_description_length as description_length,
  product_photos_qty as photos_qty,
  product_weight_g as weight_g,
  product_length_cm as length_cm,
  product_height_cm as height_cm,
  product_width_cm as width_cm,
  product_volume_cm3 as volume_cm3
from {{ ref('products') }}
