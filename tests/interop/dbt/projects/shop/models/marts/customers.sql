{{ config(alias='dim_customers') }}
with orders as (
    select * from {{ ref('stg_orders') }} where extract(year from placed_at) >= {{ var('first_year') }}
)
select
    c.customer_id,
    c.customer_name,
    c.is_vip,
    count(o.order_id) as orders,
    min(o.placed_at) as first_order_at,
    {%- for currency in var('currencies') %}
    coalesce(sum(case when o.currency = '{{ currency }}' then o.amount end), 0) as amount_{{ currency }}{% if not loop.last %},{% endif %}
    {%- endfor %}
from {{ ref('stg_customers') }} as c
left join orders as o using (customer_id)
group by 1, 2, 3
