{# The tables of the project that there are in a schema: quarantine and held rows come about when there are any. #}
{% macro tables_there(schema) %}
  {%- set there = [] -%}
  {%- if execute -%}
    {%- for table in var('tables') -%}
      {%- if adapter.get_relation(database=target.database, schema=schema, identifier=table) is not none -%}
        {%- do there.append(table) -%}
      {%- endif -%}
    {%- endfor -%}
  {%- endif -%}
  {{ return(there) }}
{% endmacro %}
