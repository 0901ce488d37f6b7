{# ---- columns of incremental models #}

{% macro get_quoted_csv(column_names) %}
  {%- set quoted = [] -%}
  {%- for name in column_names -%}{%- do quoted.append(adapter.quote(name)) -%}{%- endfor -%}
  {%- do return(quoted | join(', ')) -%}
{% endmacro %}

{# the columns of the first list that the second lacks #}
{% macro diff_columns(source_columns, target_columns) %}
  {%- set names = target_columns | map(attribute='column') | list -%}
  {%- set missing = [] -%}
  {%- for column in source_columns if column.name not in names -%}{%- do missing.append(column) -%}{%- endfor -%}
  {%- do return(missing) -%}
{% endmacro %}

{% macro diff_column_data_types(source_columns, target_columns) %}
  {{ return(adapter.dispatch('diff_column_data_types', 'dbt')(source_columns, target_columns)) }}
{% endmacro %}
{% macro default__diff_column_data_types(source_columns, target_columns) %}
  {%- set changed = [] -%}
  {%- for column in source_columns -%}
    {%- set other = target_columns | selectattr('name', 'equalto', column.name) | first -%}
    {%- if other and column.data_type != other.data_type -%}
      {%- do changed.append({'column_name': other.name, 'new_type': column.data_type}) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- do return(changed) -%}
{% endmacro %}

{% macro get_merge_update_columns(merge_update_columns, merge_exclude_columns, dest_columns) %}
  {{ return(adapter.dispatch('get_merge_update_columns', 'dbt')(merge_update_columns, merge_exclude_columns, dest_columns)) }}
{% endmacro %}
{% macro default__get_merge_update_columns(merge_update_columns, merge_exclude_columns, dest_columns) %}
  {%- if merge_update_columns and merge_exclude_columns -%}
    {%- do exceptions.raise_compiler_error('merge_update_columns and merge_exclude_columns are both set: keep one of them') -%}
  {%- endif -%}
  {%- if merge_update_columns -%}{%- do return(smelt_list(merge_update_columns)) -%}{%- endif -%}
  {%- set excluded = smelt_list(merge_exclude_columns or []) | map('lower') | list -%}
  {%- set updated = [] -%}
  {%- for column in dest_columns if column.column | lower not in excluded -%}
    {%- do updated.append(column.quoted) -%}
  {%- endfor -%}
  {%- do return(updated) -%}
{% endmacro %}
