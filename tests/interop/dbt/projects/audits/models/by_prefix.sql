-- depends_on: {{ ref('orders_a') }} {{ ref('orders_b') }} {{ ref('orders_old') }}
{% set found = workbench.relations_by_prefix('main', 'orders', exclude='orders_new') %}
{% for relation in found %}
select '{{ relation.identifier }}' as name, '{{ relation.type }}' as kind, {{ relation.is_table }} as is_table{% if not loop.last %} union all{% endif %}
{% else %}
select null as name, null as kind, false as is_table
{% endfor %}
