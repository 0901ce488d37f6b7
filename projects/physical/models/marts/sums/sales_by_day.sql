{{ config(unique_key=['order_date', 'channel']) }}

with
{% if is_incremental() %}
affected as (
  {{ changed_groups(ref('fact_sales'), ['order_date', 'channel']) }}
),
{% endif %}

sales as (
  select *
  from {{ ref('fact_sales') }}
  {% if is_incremental() %}
  right join affected using (order_date, channel)
  {% endif %}
)

select
  order_date,
  channel,
  count(order_id) as fact_rows,
  count(distinct order_id) filter (where not is_cancelled) as orders,
  count(distinct order_id) filter (where is_cancelled) as cancelled_orders,
  count(distinct customer_id) filter (where not is_cancelled) as customers,
  coalesce(sum(quantity) filter (where not is_cancelled), 0)::bigint as units,
  coalesce(sum(gross_amount) filter (where not is_cancelled), 0)::decimal(18, 2) as gross_amount,
  coalesce(sum(discount_amount) filter (where not is_cancelled), 0)::decimal(18, 2) as discount_amount,
  coalesce(sum(line_total) filter (where not is_cancelled), 0)::decimal(18, 2) as net_sales,
  coalesce(sum(shipping_amount) filter (where not is_cancelled), 0)::decimal(18, 2) as shipping_amount,
  max(loaded_at) as loaded_at
from sales
group by order_date, channel
