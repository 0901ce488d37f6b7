-- Each key of bronze is in staging, and staging has no other: what was read is accepted or repeated. That staging has a key
-- only once is what its own tests say.
{% set keys = {
  'products': ['product_id'],
  'recipes': ['product_id', 'component_number'],
  'customers': ['customer_id'],
  'orders': ['order_id'],
  'order_lines': ['order_id', 'line_number'],
  'shipments': ['shipment_id'],
  'returns': ['return_id'],
  'waste': ['waste_id'],
  'quality': ['inspection_id'],
} %}
{% for table, key in keys.items() %}
{% set bronze, staging = source('bronze', table), ref('stg_' ~ table) %}
{% for there, missing in [(bronze, staging), (staging, bronze)] %}
select '{{ missing }}' as missing_from, {{ key | join(" || '-' || ") }} as key
from {{ there }}
anti join {{ missing }} using ({{ key | join(', ') }})
{% if not loop.last %}
union all
{% endif %}
{% endfor %}
{% if not loop.last %}
union all
{% endif %}
{% endfor %}
