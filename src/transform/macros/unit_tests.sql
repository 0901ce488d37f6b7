{# ---- the queries of a unit test: given rows, expected rows, and both sides by side #}

{# The rows of a fixture as a query. `column_name_to_data_types` has the names as they are written; without it the types
   are those of `this`, or of the relation that it is deferred to. #}
{% macro get_fixture_sql(rows, column_name_to_data_types) %}
-- Fixture for {{ model.name }}
{% set quoted = {} -%}
{%- set types = {} -%}
{%- for name, type in (column_name_to_data_types or {}).items() -%}
  {%- do types.update({name | lower: type}) -%}
  {%- do quoted.update({name | lower: adapter.quote(name)}) -%}
{%- endfor -%}
{%- if not column_name_to_data_types -%}
  {%- set described = this if load_relation(this) or not defer_relation else defer_relation -%}
  {%- for column in adapter.get_columns_in_relation(described) -%}
    {%- do types.update({column.name | lower: column.data_type}) -%}
    {%- do quoted.update({column.name | lower: column.quoted}) -%}
  {%- endfor -%}
{%- endif -%}
{%- if not types -%}
  {%- do exceptions.raise_compiler_error("unit test '" ~ model.name ~ "': " ~ this
         ~ " does not exist, so the types of its columns are not known; build it first, or give the rows as sql") -%}
{%- endif -%}
{%- do validate_fixture_rows(rows, none) -%}
{%- set nulls = {} -%}
{%- for name, type in types.items() -%}
  {%- do nulls.update({name: safe_cast('null', type) | trim}) -%}
{%- endfor -%}
{%- for row in rows or [{}] -%}
  {%- set cells = nulls.copy() -%}
  {%- do cells.update(format_row(row, types)) -%}
select
  {%- for name, cell in cells.items() %} {{ cell }} as {{ quoted[name] }}{{ ',' if not loop.last }}{% endfor %}
  {%- if not loop.last %}
union all
{% endif %}
{%- endfor -%}
{%- if not rows %}
    limit 0
{%- endif -%}
{% endmacro %}

{% macro get_expected_sql(rows, column_name_to_data_types, column_name_to_quoted) %}
{%- if not rows -%}
select * from dbt_internal_unit_test_actual
limit 0
{%- endif -%}
{%- for row in rows -%}
select
  {%- for name, cell in format_row(row, column_name_to_data_types).items() %} {{ cell }} as {{ column_name_to_quoted[name] }}{{ ',' if not loop.last }}{% endfor %}
  {%- if not loop.last %}
union all
{% endif %}
{%- endfor -%}
{% endmacro %}

{# A row as SQL, by column names in lower case. #}
{%- macro format_row(row, column_name_to_data_types) -%}
  {%- set cells = {} -%}
  {%- for given_name, value in row.items() -%}
    {%- set name = given_name | lower -%}
    {%- if name not in column_name_to_data_types -%}
      {%- do exceptions.raise_compiler_error("unit test fixture for '" ~ model.name ~ "': there is no column '" ~ name
             ~ "'; its columns are " ~ column_name_to_data_types.keys() | join(', ')) -%}
    {%- endif -%}
    {%- set type = column_name_to_data_types[name] -%}
    {%- if value is string -%}
      {# A text is not cut to the size of its column. #}
      {%- set type = type.split('(')[0] if 'varying' in type else type -%}
      {%- set literal = dbt.string_literal(dbt.escape_single_quotes(value)) -%}
    {%- else -%}
      {%- set literal = 'null' if value is none else value -%}
    {%- endif -%}
    {%- do cells.update({name: safe_cast(literal, type)}) -%}
  {%- endfor -%}
  {{ return(cells) }}
{%- endmacro -%}

{# For adapters and projects that refuse rows they cannot take. #}
{% macro validate_fixture_rows(rows, row_number) -%}
  {{ return(adapter.dispatch('validate_fixture_rows', 'dbt')(rows, row_number)) }}
{%- endmacro %}
{% macro default__validate_fixture_rows(rows, row_number) -%}
{%- endmacro %}

{% macro get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
  {{ adapter.dispatch('get_unit_test_sql', 'dbt')(main_sql, expected_fixture_sql, expected_column_names) }}
{%- endmacro %}
{% macro default__get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
{%- set columns = expected_column_names | join(', ') -%}
{%- set side = adapter.quote('actual_or_expected') -%}
-- Build actual result given inputs
with dbt_internal_unit_test_actual as (
  select
    {{ columns }}, {{ dbt.string_literal('actual') }} as {{ side }}
  from (
    {{ main_sql }}
  ) _dbt_internal_unit_test_actual
),
-- Build expected result
dbt_internal_unit_test_expected as (
  select
    {{ columns }}, {{ dbt.string_literal('expected') }} as {{ side }}
  from (
    {{ expected_fixture_sql }}
  ) _dbt_internal_unit_test_expected
)
-- Union actual and expected results
select * from dbt_internal_unit_test_actual
union all
select * from dbt_internal_unit_test_expected
{%- endmacro %}
