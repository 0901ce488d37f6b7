-- Each key of bronze is one row of staging, and staging has no other: what was read is accepted or repeated.
{% set keys = {
  'products': 'product_id',
  'recipes': "product_id || '-' || component_number",
  'customers': 'customer_id',
  'orders': 'order_id',
  'order_lines': "order_id || '-' || line_number",
  'shipments': 'shipment_id',
  'returns': 'return_id',
  'waste': 'waste_id',
  'quality': 'inspection_id',
} %}
{% for table, key in keys.items() %}
select '{{ table }}' as relation, key, count(b.n) as rows_in_bronze, count(s.n) as rows_in_staging
from (select distinct {{ key }} as key, 1 as n from {{ source('bronze', table) }}) as b
full join (select {{ key }} as key, 1 as n from {{ ref('stg_' ~ table) }}) as s using (key)
group by key
having count(b.n) <> 1 or count(s.n) <> 1
{% if not loop.last %}
union all
{% endif %}
{% endfor %}
