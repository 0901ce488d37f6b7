{{ config(materialized='incremental', incremental_strategy='merge', unique_key=['order_id', 'order_item_id']) }}

with
{% if is_incremental() %}
{% set seen = seen_until() %}
affected as (
  select order_id, order_item_id from {{ source('bronze', 'order_items') }} where ingestion_timestamp > {{ seen }}
  union
  select order_id, order_item_id
  from {{ this }}
  where product_id in (select product_id from {{ ref('products') }} where loaded_at > {{ seen }})
  union
  select order_id, order_item_id
  from {{ this }}
  where seller_id in (select seller_id from {{ ref('sellers') }} where loaded_at > {{ seen }})
),
{% endif %}

latest as (
  {{ latest_rows(
    source('bronze', 'order_items'),
    'order_id, order_item_id',
    'ingestion_timestamp desc, shipping_limit_date desc, product_id, seller_id, price, freight_value',
    'order_id is not null and order_item_id is not null',
    only='affected' if is_incremental() else none
  ) }}
),

imputed as (
  select * replace (coalesce(price, 0) as price, coalesce(freight_value, 0) as freight_value) from latest
)

select
  i.order_id,
  i.order_item_id,
  i.product_id,
  i.seller_id,
  i.shipping_limit_date,
  i.price::decimal(10, 2) as price,
  i.freight_value::decimal(10, 2) as freight_value,
  (i.price + i.freight_value)::decimal(12, 2) as revenue,
  coalesce(p.product_category, 'unknown') as product_category,
  s.seller_state,
  i.price < {{ var('price_min') }} or i.price > {{ var('price_max') }} as is_price_outlier,
  i.freight_value < 0 as is_freight_outlier,
  greatest(i.ingestion_timestamp, p.loaded_at, s.loaded_at) as loaded_at
from imputed as i
left join {{ ref('products') }} as p using (product_id)
left join {{ ref('sellers') }} as s using (seller_id)
