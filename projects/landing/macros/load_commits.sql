{# The commits by which loads changed the tables, from the tables' own logs. Logs are no inputs: a model over
   them is built each time. #}
{% macro load_commits() %}
  {%- for table in var('tables') %}
    select '{{ table }}' as table_name, version, timestamp, smelt
    from table_history('processed.{{ table }}')
    where smelt->>'kind' = 'ingest'
    {%- if not loop.last %} union all {%- endif %}
  {%- endfor %}
{% endmacro %}
