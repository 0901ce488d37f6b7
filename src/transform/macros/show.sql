{# ---- the queries of show and of checks #}

{% macro get_show_sql(compiled_code, sql_header, limit) -%}
  {{ sql_header if sql_header is not none }}
  {{ get_limit_subquery_sql(compiled_code, limit) }}
{%- endmacro %}

{% macro get_limit_subquery_sql(sql, limit) -%}
  {{ adapter.dispatch('get_limit_sql', 'dbt')(sql, limit) }}
{%- endmacro %}
{% macro default__get_limit_sql(sql, limit) %}
  {{ sql }}
  {% if limit is not none %}
  limit {{ limit }}
  {%- endif -%}
{%- endmacro %}

{# Fails where the query could not run. #}
{% macro validate_sql(sql) -%}
  {{ return(adapter.dispatch('validate_sql', 'dbt')(sql)) }}
{%- endmacro %}
{% macro default__validate_sql(sql) -%}
  {% call statement('validate_sql') -%}
    explain {{ sql }}
  {%- endcall %}
  {{ return(load_result('validate_sql')) }}
{%- endmacro %}
