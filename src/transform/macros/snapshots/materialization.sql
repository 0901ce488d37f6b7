{# ---- snapshots: a table of the versions of rows #}

{% macro create_columns(relation, columns) %}
  {{ return(adapter.dispatch('create_columns', 'dbt')(relation, columns)) }}
{% endmacro %}
{% macro default__create_columns(relation, columns) %}
  {%- for column in columns -%}
    {%- call statement() %}alter table {{ relation }} add column {{ column.quoted }} {{ column.data_type }}{% endcall -%}
  {%- endfor -%}
{% endmacro %}

{% macro build_snapshot_staging_table(strategy, sql, target_relation) %}
  {%- set temp_relation = make_temp_relation(target_relation) -%}
  {%- call statement('build_snapshot_staging_relation') -%}
    {{ create_table_as(true, temp_relation, snapshot_staging_table(strategy, sql, target_relation)) }}
  {%- endcall -%}
  {%- do return(temp_relation) -%}
{% endmacro %}

{% macro post_snapshot(staging_relation) %}
  {{ return(adapter.dispatch('post_snapshot', 'dbt')(staging_relation)) }}
{% endmacro %}
{% macro default__post_snapshot(staging_relation) %}
  {%- call statement() %}drop table {{ staging_relation }}{% endcall -%}
{% endmacro %}

{% materialization snapshot, default %}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- if existing is not none and not existing.is_table -%}
    {%- do exceptions.raise_compiler_error(
      'Trying to create table ' ~ existing ~ ', but it currently exists as a ' ~ existing.type ~ '. Drop it, or give the snapshot another alias'
    ) -%}
  {%- endif -%}
  {{ run_hooks(pre_hooks, inside_transaction=false) }}
  {{ run_hooks(pre_hooks, inside_transaction=true) }}
  {%- set strategy_macro = strategy_dispatch(config.get('strategy')) -%}
  {%- set strategy = strategy_macro(model, 'snapshotted_data', 'source_data', model['config'], existing is not none) -%}
  {%- if existing is none -%}
    {%- call statement('main') %}{{ create_table_as(false, target_relation, build_snapshot_table(strategy, sql)) }}{% endcall -%}
  {%- else -%}
    {%- do adapter.assert_valid_snapshot_target_given_strategy(target_relation, smelt_snapshot_columns(), strategy) -%}
    {%- set staging_table = build_snapshot_staging_table(strategy, sql, target_relation) -%}
    {%- set own = ['dbt_change_type', 'dbt_unique_key'] -%}
    {%- if strategy.unique_key is not string -%}
      {%- for key in strategy.unique_key -%}{%- do own.append('dbt_unique_key_' ~ loop.index) -%}{%- endfor -%}
    {%- endif -%}
    {%- do create_columns(target_relation, adapter.get_missing_columns(staging_table, target_relation) | rejectattr('name', 'in', own) | list) -%}
    {%- set names = adapter.get_columns_in_relation(staging_table) | rejectattr('name', 'in', own) | map(attribute='quoted') | list -%}
    {%- call statement('main') %}{{ snapshot_merge_sql(target_relation, staging_table, names) }}{% endcall -%}
    {{ post_snapshot(staging_table) }}
  {%- endif -%}
  {{ smelt_finish(target_relation, existing, false) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
