{# ---- how snapshots see that a row has changed. A strategy answers with a map: unique_key, updated_at (when the
   version began, an expression), row_changed (a condition), scd_id (what identifies a version), hard_deletes #}

{# the macro snapshot_<name>_strategy; "package.name" asks for that of a package #}
{% macro strategy_dispatch(name) -%}
  {%- set parts = name.split('.') -%}
  {%- set scope = context if parts | length == 1 else context.get(parts[0]) -%}
  {%- set macro_name = 'snapshot_' ~ parts[-1] ~ '_strategy' -%}
  {%- if parts | length > 2 or scope is none or macro_name not in scope -%}
    {%- do exceptions.raise_compiler_error("there is no snapshot strategy '" ~ name ~ "': no macro " ~ macro_name) -%}
  {%- endif -%}
  {{ return(scope[macro_name]) }}
{%- endmacro %}

{% macro snapshot_hash_arguments(args) -%}
  {{ adapter.dispatch('snapshot_hash_arguments', 'dbt')(args) }}
{%- endmacro %}
{% macro default__snapshot_hash_arguments(args) -%}
md5({% for arg in args %}coalesce(cast({{ arg }} as varchar), ''){{ " || '|' || " if not loop.last }}{% endfor %})
{%- endmacro %}

{% macro snapshot_timestamp_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) %}
  {%- set columns = smelt_snapshot_columns() -%}
  {%- set unique_key = config.get('unique_key') -%}
  {%- set updated_at = config.get('updated_at') -%}
  {%- set hard_deletes = adapter.get_hard_deletes_behavior(config) -%}
  {%- do return({
    'unique_key': unique_key,
    'updated_at': updated_at,
    'row_changed': '(' ~ snapshotted_rel ~ '.' ~ columns.dbt_valid_from ~ ' < ' ~ current_rel ~ '.' ~ updated_at ~ ')',
    'scd_id': snapshot_hash_arguments(smelt_list(unique_key) + [updated_at]),
    'invalidate_hard_deletes': hard_deletes == 'invalidate',
    'hard_deletes': hard_deletes
  }) -%}
{% endmacro %}

{# [whether the query has columns that the table has not, the quoted columns to compare] #}
{% macro snapshot_check_all_get_existing_columns(node, target_exists, check_cols_config) -%}
  {%- if not target_exists -%}{{ return([false, []]) }}{%- endif -%}
  {%- set query = node['compiled_code'] -%}
  {%- if check_cols_config != 'all' -%}
    {%- if check_cols_config is string or not check_cols_config -%}
      {%- do exceptions.raise_compiler_error("check_cols is " ~ check_cols_config ~ ": it takes 'all' or a list of columns") -%}
    {%- endif -%}
    {%- set query = 'select ' ~ check_cols_config | join(', ') ~ ' from (\n' ~ query ~ '\n) as query' -%}
  {%- endif -%}
  {%- set existing = adapter.get_columns_in_relation(this) | map(attribute='name') | list -%}
  {%- set found = namespace(added=false, compared=[]) -%}
  {%- for name in get_columns_in_query(query) -%}
    {%- if name in existing -%}
      {%- do found.compared.append(adapter.quote(name)) -%}
    {%- else -%}
      {%- set found.added = true -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return([found.added, found.compared]) }}
{%- endmacro %}

{% macro snapshot_check_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) %}
  {%- set unique_key = config.get('unique_key') -%}
  {%- set hard_deletes = adapter.get_hard_deletes_behavior(config) -%}
  {%- set updated_at = config.get('updated_at') or snapshot_get_time() -%}
  {%- set column_added, compared = snapshot_check_all_get_existing_columns(node, target_exists, config.get('check_cols')) -%}
  {%- set differences = ['false'] -%}
  {%- for name in compared -%}
    {%- do differences.append(snapshotted_rel ~ '.' ~ name ~ ' is distinct from ' ~ current_rel ~ '.' ~ name) -%}
  {%- endfor -%}
  {%- do return({
    'unique_key': unique_key,
    'updated_at': updated_at,
    'row_changed': get_true_sql() if column_added else '(' ~ differences | join(' or ') ~ ')',
    'scd_id': snapshot_hash_arguments(smelt_list(unique_key) + [updated_at]),
    'invalidate_hard_deletes': hard_deletes == 'invalidate',
    'hard_deletes': hard_deletes
  }) -%}
{% endmacro %}

{% macro get_true_sql() %}
  {{ return(adapter.dispatch('get_true_sql', 'dbt')()) }}
{% endmacro %}
{% macro default__get_true_sql() %}
  {{ return('true') }}
{% endmacro %}

{% macro snapshot_string_as_time(timestamp) -%}
  {{ return(adapter.dispatch('snapshot_string_as_time', 'dbt')(timestamp)) }}
{%- endmacro %}
{% macro default__snapshot_string_as_time(timestamp) %}
  {{ return("'" ~ timestamp ~ "'::timestamp") }}
{% endmacro %}
