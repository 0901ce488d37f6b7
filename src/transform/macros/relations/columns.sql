{# ---- the columns of relations and queries, and changes of them #}

{% macro get_columns_in_relation(relation) -%}
  {{ return(adapter.dispatch('get_columns_in_relation', 'dbt')(relation)) }}
{%- endmacro %}
{% macro default__get_columns_in_relation(relation) -%}
  {{ return(adapter.get_columns_in_relation(relation)) }}
{%- endmacro %}

{# Rows of name, type, size, precision and scale → columns. #}
{% macro sql_convert_columns_in_relation(table) -%}
  {% set columns = [] %}
  {% for row in table %}
    {% do columns.append(api.Column(*row)) %}
  {% endfor %}
  {{ return(columns) }}
{%- endmacro %}

{% macro get_list_of_column_names(columns) -%}
  {{ return(columns | map(attribute='name') | list) }}
{%- endmacro %}

{# A query with the columns of another one and no rows; nothing is read for it. #}
{% macro get_empty_subquery_sql(select_sql, select_sql_header=none) -%}
  {{ return(adapter.dispatch('get_empty_subquery_sql', 'dbt')(select_sql, select_sql_header)) }}
{%- endmacro %}
{# The header runs on its own: the query may come to stand within another one, where a header cannot. #}
{% macro duckdb__get_empty_subquery_sql(select_sql, select_sql_header=none) %}
  {%- if select_sql_header is not none -%}
    {%- do run_query(select_sql_header) -%}
  {%- endif -%}
    select * from (
        {{ select_sql }}
    ) as __dbt_sbq
    where false
    limit 0
{% endmacro %}
{% macro default__get_empty_subquery_sql(select_sql, select_sql_header=none) %}
    {{ select_sql_header if select_sql_header is not none }}
    select * from (
        {{ select_sql }}
    ) as __dbt_sbq
    where false
    limit 0
{% endmacro %}

{# A query without rows whose columns are those that a properties file describes. #}
{% macro get_empty_schema_sql(columns) -%}
  {{ return(adapter.dispatch('get_empty_schema_sql', 'dbt')(columns)) }}
{%- endmacro %}
{% macro default__get_empty_schema_sql(columns) %}
  {%- set described = columns.values() | list -%}
  {%- set untyped = described | rejectattr('data_type') | map(attribute='name') | list -%}
  {%- if untyped -%}
    {%- do exceptions.column_type_missing(column_names=untyped) -%}
  {%- endif -%}
  {%- set unsized = [] %}
    select
    {% for column in described -%}
      {%- if column.data_type | trim | lower in ('numeric', 'decimal', 'number') -%}
        {%- do unsized.append(column.name) -%}
      {%- endif -%}
      {{ cast('null', column.data_type) | trim }} as {{ adapter.quote(column.name) if column.quote else column.name }}
      {{- ', ' if not loop.last }}
    {% endfor %}
  {%- if unsized -%}
    {%- do exceptions.warn('columns of a numeric type without precision and scale may be rounded: ' ~ unsized | join(', ')) -%}
  {%- endif -%}
{% endmacro %}

{% macro get_column_schema_from_query(select_sql, select_sql_header=none) -%}
  {{ return(adapter.get_column_schema_from_query(get_empty_subquery_sql(select_sql, select_sql_header))) }}
{%- endmacro %}

{# The names of a query's columns. #}
{% macro get_columns_in_query(select_sql) -%}
  {{ return(adapter.dispatch('get_columns_in_query', 'dbt')(select_sql)) }}
{%- endmacro %}
{% macro default__get_columns_in_query(select_sql) %}
  {% call statement('get_columns_in_query', fetch_result=true, auto_begin=false) -%}
    {{ get_empty_subquery_sql(select_sql) }}
  {%- endcall %}
  {{ return(load_result('get_columns_in_query').table.columns | map(attribute='name') | list) }}
{% endmacro %}

{% macro alter_column_type(relation, column_name, new_column_type) -%}
  {{ return(adapter.dispatch('alter_column_type', 'dbt')(relation, column_name, new_column_type)) }}
{%- endmacro %}
{# Without a look at how the type changes: the values are copied, so that any cast will do. #}
{% macro default__alter_column_type(relation, column_name, new_column_type) -%}
  {%- set table, old, copy = relation.render(), adapter.quote(column_name), adapter.quote(column_name ~ '__dbt_alter') -%}
  {% call statement('alter_column_type') %}
    alter table {{ table }} add column {{ copy }} {{ new_column_type }};
    update {{ table }} set {{ copy }} = {{ old }};
    alter table {{ table }} drop column {{ old }} cascade;
    alter table {{ table }} rename column {{ copy }} to {{ old }}
  {% endcall %}
{%- endmacro %}

{% macro alter_relation_add_remove_columns(relation, add_columns=none, remove_columns=none) -%}
  {{ return(adapter.dispatch('alter_relation_add_remove_columns', 'dbt')(relation, add_columns, remove_columns)) }}
{%- endmacro %}
{# Columns can be dropped and renamed when files know them by names of their own. #}
{% macro smelt_map_columns(relation) %}
  {% do run_query("alter table " ~ relation ~ " set ('delta.columnMapping.mode' = 'name')") %}
{% endmacro %}
{# One statement a column: the engine changes one at a time. #}
{% macro duckdb__alter_relation_add_remove_columns(relation, add_columns, remove_columns) %}
  {% for column in add_columns or [] %}
    {% do run_query('alter ' ~ relation.type ~ ' ' ~ relation ~ ' add column ' ~ column.quoted ~ ' ' ~ column.data_type) %}
  {% endfor %}
  {% if remove_columns %}
    {% do smelt_map_columns(relation) %}
  {% endif %}
  {% for column in remove_columns or [] %}
    {% do run_query('alter ' ~ relation.type ~ ' ' ~ relation ~ ' drop column ' ~ column.quoted) %}
  {% endfor %}
{% endmacro %}
{% macro default__alter_relation_add_remove_columns(relation, add_columns, remove_columns) %}
  {% set changes = [] %}
  {% for column in add_columns or [] %}
    {% do changes.append('add column ' ~ column.quoted ~ ' ' ~ column.expanded_data_type) %}
  {% endfor %}
  {% for column in remove_columns or [] %}
    {% do changes.append('drop column ' ~ column.quoted) %}
  {% endfor %}
  {% do run_query('alter ' ~ relation.type ~ ' ' ~ relation.render() ~ ' ' ~ changes | join(', ')) %}
{% endmacro %}
