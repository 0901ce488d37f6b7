{#
  The body of gold.daily_revenue and gold.monthly_revenue: revenue per day or month of purchase (`period` names the
  column) with growth against the same day or month one year before.

  A later run recomputes only the periods that a changed order touches: every period that any version of the order was
  ever dated in, and the same period one year later, whose growth compares with it. A period that lost its last order
  comes out with 0 orders; the model's post-hook takes it away.
#}
{% macro revenue_series(period, grain) -%}
with
{% if is_incremental() %}
{% set seen = seen_until() %}
changed_orders as (select order_id from {{ ref('orders') }} where loaded_at > {{ seen }}),

changed_periods as (
  select distinct {{ period_of('order_purchase_timestamp', grain) }} as {{ period }}
  from {{ source('bronze', 'orders') }}
  semi join changed_orders using (order_id)
  where order_purchase_timestamp is not null
),

known_periods as (
  select {{ period }} from {{ this }}
  union
  select {{ period }} from changed_periods
),

affected as (
  select {{ period }}
  from known_periods
  where {{ period }} in (select {{ period }} from changed_periods)
    or ({{ period }} - interval 1 year)::date in (select {{ period }} from changed_periods)
),

needed as (
  select {{ period }} from affected
  union
  select ({{ period }} - interval 1 year)::date as {{ period }} from affected
),
{% endif %}

dated as (
  select
    {{ period_of('order_date', grain) }} as {{ period }},
    items,
    price,
    freight,
    revenue,
    payment_value,
    loaded_at
  from {{ ref('orders') }}
),

totals as (
  select
    {{ period }},
    count(*) as orders,
    sum(items)::bigint as items,
    sum(price)::decimal(18, 2) as price,
    sum(freight)::decimal(18, 2) as freight,
    sum(revenue)::decimal(18, 2) as revenue,
    sum(payment_value)::decimal(18, 2) as payment_value,
    max(loaded_at) as loaded_at
  from dated
  {% if is_incremental() %}
  semi join needed using ({{ period }})
  {% endif %}
  group by {{ period }}
)

select
  t.{{ period }},
  t.orders,
  t.items,
  t.price,
  t.freight,
  t.revenue,
  t.payment_value,
  (t.revenue - before.revenue)::double / nullif(before.revenue, 0)::double as revenue_yoy_growth,
  greatest(t.loaded_at, before.loaded_at) as loaded_at
from totals as t
left join totals as before on before.{{ period }} = (t.{{ period }} - interval 1 year)::date
{% if is_incremental() %}
where t.{{ period }} in (select {{ period }} from affected)
union all
select {{ period }}, 0, 0, 0, 0, 0, 0, null, null
from affected
anti join totals using ({{ period }})
{% endif %}
{%- endmacro %}

{# The day or month that a time belongs to, as a date. #}
{% macro period_of(column, grain) -%}
  {% if grain == 'day' %}{{ column }}::date{% else %}date_trunc('{{ grain }}', {{ column }})::date{% endif %}
{%- endmacro %}
