{#
  The body of the delivery tables: one row per value of `place`, from `relation` with one row per order (or per order
  and place). Seconds are added up as whole numbers, so the mean is the same in whatever order rows are read.
#}
{% macro delivery_sla(place, relation) -%}
select
  coalesce({{ place }}, 'unknown') as {{ place }},
  count(*) as orders,
  count(*) filter (where is_delivered) as delivered,
  count(*) filter (where is_delayed) as delayed,
  count(*) filter (where not is_delayed)::double / nullif(count(is_delayed), 0) as on_time_rate,
  sum(date_diff('second', order_purchase_timestamp, order_delivered_customer_date))::double
    / 86400 / nullif(count(*) filter (where is_delivered), 0) as mean_delivery_days,
  sum(date_diff('second', order_delivered_customer_date, order_estimated_delivery_date))::double
    / 86400 / nullif(count(is_delayed), 0) as mean_days_before_estimate
from {{ relation }}
group by 1
{%- endmacro %}
