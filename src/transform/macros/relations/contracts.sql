{# ---- a model's contract: its columns as described, against those of its query #}

{# The list of columns with types and constraints that `create table` takes. #}
{% macro get_table_columns_and_constraints() -%}
  {{ adapter.dispatch('get_table_columns_and_constraints', 'dbt')() }}
{%- endmacro %}
{% macro default__get_table_columns_and_constraints() -%}
  {{ return(table_columns_and_constraints()) }}
{%- endmacro %}
{% macro table_columns_and_constraints() %}
  {%- set parts = adapter.render_raw_columns_constraints(raw_columns=model['columns'])
                + adapter.render_raw_model_constraints(raw_constraints=model['constraints']) %}
    (
    {{ parts | join(',\n    ') }}
    )
{% endmacro %}

{# "(a, b)": the described columns in their order. #}
{% macro get_column_names() %}
  {%- set names = [] -%}
  {%- for column in model['columns'].values() -%}
    {%- do names.append(adapter.quote(column['name']) if column.get('quote') else column['name']) -%}
  {%- endfor %}
    ( {{ names | join(', ') }} )
{% endmacro %}

{# A query whose columns stand in the order of the description. #}
{% macro get_select_subquery(sql) %}
  {{ return(adapter.dispatch('get_select_subquery', 'dbt')(sql)) }}
{% endmacro %}
{% macro default__get_select_subquery(sql) %}
  {%- set names = get_column_names() | trim %}
    select {{ names[1:-1] | trim }}
    from (
        {{ sql }}
    ) as model_subq
{% endmacro %}

{# Fails unless both have the same columns of the same types. #}
{% macro get_assert_columns_equivalent(sql) -%}
  {{ adapter.dispatch('get_assert_columns_equivalent', 'dbt')(sql) }}
{%- endmacro %}
{% macro default__get_assert_columns_equivalent(sql) -%}
  {{ return(assert_columns_equivalent(sql)) }}
{%- endmacro %}
{% macro assert_columns_equivalent(sql) -%}
  {%- set described = model['columns'] -%}
  {%- if not described -%}
    {%- do exceptions.raise_contract_error([], []) -%}
  {%- endif -%}
  {%- set has = format_columns(get_column_schema_from_query(sql, config.get('sql_header', none))) -%}
  {%- set wants = format_columns(get_column_schema_from_query(get_empty_schema_sql(described))) -%}
  {%- if has | map(attribute='formatted') | sort != wants | map(attribute='formatted') | sort -%}
    {%- do exceptions.raise_contract_error(wants, has) -%}
  {%- endif -%}
{%- endmacro %}

{% macro format_columns(columns) %}
  {% set formatted = [] %}
  {% for column in columns %}
    {% do formatted.append(adapter.dispatch('format_column', 'dbt')(column)) %}
  {% endfor %}
  {{ return(formatted) }}
{% endmacro %}
{% macro default__format_column(column) -%}
  {{ return({'name': column.name, 'data_type': column.dtype, 'formatted': column.column | lower ~ ' ' ~ column.dtype}) }}
{%- endmacro %}
