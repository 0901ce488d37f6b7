{#
  One row per order of bronze.orders, a select to use as a common table expression. The latest row is the one whose own
  events reach furthest; of several with the same events, the one ingested last. An order without a purchase time is no
  order. `only` names a relation of order ids to restrict the work to.
#}
{% macro latest_orders(only=none) -%}
  {{ latest_rows(
    source('bronze', 'orders'),
    'order_id',
    'greatest(order_purchase_timestamp, order_approved_at, order_delivered_carrier_date, '
    ~ 'order_delivered_customer_date) desc, '
    ~ 'ingestion_timestamp desc, order_status, customer_id, order_purchase_timestamp, order_approved_at, '
    ~ 'order_delivered_carrier_date, order_delivered_customer_date, order_estimated_delivery_date',
    'order_id is not null and order_purchase_timestamp is not null',
    only
  ) }}
{%- endmacro %}
