{{ config(unique_key='customer_id') }}

with
{% if is_incremental() %}
affected as (
  {{ changed_groups(ref('fact_sales'), ['customer_id']) }}
),
{% endif %}

sales as (
  select *
  from {{ ref('fact_sales') }}
  {% if is_incremental() %}
  right join affected using (customer_id)
  {% endif %}
)

select
  customer_id,
  count(order_id) as fact_rows,
  count(distinct order_id) filter (where not is_cancelled) as orders,
  coalesce(sum(quantity) filter (where not is_cancelled), 0)::bigint as units,
  coalesce(sum(line_total) filter (where not is_cancelled), 0)::decimal(18, 2) as net_sales,
  min(order_date) filter (where not is_cancelled) as first_order_date,
  max(order_date) filter (where not is_cancelled) as last_order_date,
  max(loaded_at) as loaded_at
from sales
group by customer_id
