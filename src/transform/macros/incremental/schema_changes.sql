{# ---- what becomes of columns that the query of an incremental model has and its table has not, or the other way round #}

{% macro incremental_validate_on_schema_change(on_schema_change, default='ignore') %}
  {%- set known = ['sync_all_columns', 'append_new_columns', 'fail', 'ignore'] -%}
  {%- do return(on_schema_change if on_schema_change in known else default) -%}
{% endmacro %}

{% macro check_for_schema_changes(source_relation, target_relation) %}
  {{ return(adapter.dispatch('check_for_schema_changes', 'dbt')(source_relation, target_relation)) }}
{% endmacro %}
{% macro default__check_for_schema_changes(source_relation, target_relation) %}
  {%- set source_columns = adapter.get_columns_in_relation(source_relation) -%}
  {%- set target_columns = adapter.get_columns_in_relation(target_relation) -%}
  {%- set added = diff_columns(source_columns, target_columns) -%}
  {%- set removed = diff_columns(target_columns, source_columns) -%}
  {%- set types = diff_column_data_types(source_columns, target_columns) -%}
  {%- do return({
    'schema_changed': (added or removed or types) | length > 0,
    'source_not_in_target': added,
    'target_not_in_source': removed,
    'source_columns': source_columns,
    'target_columns': target_columns,
    'new_target_types': types
  }) -%}
{% endmacro %}

{% macro sync_column_schemas(on_schema_change, target_relation, schema_changes_dict) %}
  {{ return(adapter.dispatch('sync_column_schemas', 'dbt')(on_schema_change, target_relation, schema_changes_dict)) }}
{% endmacro %}
{% macro default__sync_column_schemas(on_schema_change, target_relation, schema_changes_dict) %}
  {%- set added = schema_changes_dict['source_not_in_target'] -%}
  {%- set removed = schema_changes_dict['target_not_in_source'] if on_schema_change == 'sync_all_columns' else [] -%}
  {%- if added or removed -%}
    {%- do alter_relation_add_remove_columns(target_relation, added, removed) -%}
  {%- endif -%}
  {%- if on_schema_change == 'sync_all_columns' -%}
    {%- for change in schema_changes_dict['new_target_types'] -%}
      {%- do alter_column_type(target_relation, change['column_name'], change['new_type']) -%}
    {%- endfor -%}
  {%- endif -%}
{% endmacro %}

{# answers with the columns that the query brings, or with nothing when the table's own columns count #}
{% macro process_schema_changes(on_schema_change, source_relation, target_relation) %}
  {{ return(adapter.dispatch('process_schema_changes', 'dbt')(on_schema_change, source_relation, target_relation)) }}
{% endmacro %}
{% macro default__process_schema_changes(on_schema_change, source_relation, target_relation) %}
  {%- if on_schema_change == 'ignore' -%}{%- do return({}) -%}{%- endif -%}
  {%- set changes = check_for_schema_changes(source_relation, target_relation) -%}
  {%- if changes['schema_changed'] and on_schema_change == 'fail' -%}
    {%- set names = namespace(added=[], removed=[], types=[]) -%}
    {%- for column in changes['source_not_in_target'] -%}{%- do names.added.append(column.name) -%}{%- endfor -%}
    {%- for column in changes['target_not_in_source'] -%}{%- do names.removed.append(column.name) -%}{%- endfor -%}
    {%- for change in changes['new_target_types'] -%}
      {%- do names.types.append(change['column_name'] ~ ' ' ~ change['new_type']) -%}
    {%- endfor -%}
    {%- do exceptions.raise_compiler_error(
      "the query and the table " ~ target_relation ~ " have different columns, and on_schema_change is 'fail'"
      ~ "\n  only in the query: " ~ (names.added | join(', ') or '-')
      ~ "\n  only in the table: " ~ (names.removed | join(', ') or '-')
      ~ "\n  of another type in the query: " ~ (names.types | join(', ') or '-')
      ~ "\n  set on_schema_change to append_new_columns or sync_all_columns, or run with --full-refresh"
    ) -%}
  {%- elif changes['schema_changed'] -%}
    {%- do sync_column_schemas(on_schema_change, target_relation, changes) -%}
  {%- endif -%}
  {%- do return(changes['source_columns']) -%}
{% endmacro %}
