-- The carrier is not in the data; the state a parcel starts from stands in for it. An order with sellers in two states
-- counts in both.
with
origins as (
  select distinct order_id, seller_state from {{ ref('order_items') }}
),

shipments as (
  select
    i.seller_state,
    o.is_delivered,
    o.is_delayed,
    o.order_purchase_timestamp,
    o.order_delivered_customer_date,
    o.order_estimated_delivery_date
  from origins as i
  join {{ ref('orders') }} as o using (order_id)
)

{{ delivery_sla('seller_state', 'shipments') }}
