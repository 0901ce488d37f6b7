-- depends_on: {{ ref('pivoted') }}
{% if execute %}{{ unpivot(ref('pivoted'), keep=['region'], as_type='integer') }}{% else %}select 1{% endif %}
