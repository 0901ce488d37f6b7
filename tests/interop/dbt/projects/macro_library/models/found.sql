-- depends_on: {{ ref('north_sales') }} {{ ref('south_sales') }}
{% set relations = relations_like('%\\_sales') %}
{% for r in relations_like('%_sales') %}
select '{{ r.identifier }}' as relation, count(*) as n from {{ r }} {{ "union all" if not loop.last }}
{% else %}
select 'none' as relation, 0::bigint as n
{% endfor %}
