{# ---- seeds: tables out of CSV files #}

{% macro create_csv_table(model, agate_table) -%}
  {{ return(adapter.dispatch('create_csv_table', 'dbt')(model, agate_table)) }}
{%- endmacro %}
{% macro default__create_csv_table(model, agate_table) -%}
create or replace table {{ this.render() }}{{ smelt_table_options() }} as
{%- endmacro %}

{% macro load_csv_rows(model, agate_table) -%}
  {{ return(adapter.dispatch('load_csv_rows', 'dbt')(model, agate_table)) }}
{%- endmacro %}
{# seed_rows reads the file, with the types of its columns #}
{% macro default__load_csv_rows(model, agate_table) -%}
select * from {{ seed_rows }}
{%- endmacro %}

{% macro get_csv_sql(create_or_truncate_sql, insert_sql) -%}
  {{ return(adapter.dispatch('get_csv_sql', 'dbt')(create_or_truncate_sql, insert_sql)) }}
{%- endmacro %}
{% macro default__get_csv_sql(create_or_truncate_sql, insert_sql) -%}
{{ create_or_truncate_sql }}
{{ insert_sql }}
{%- endmacro %}

{% materialization seed, default %}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- if existing is not none and existing.is_view and not should_full_refresh() -%}
    {%- do exceptions.raise_compiler_error("Cannot seed to '" ~ existing.render() ~ "', it is a view") -%}
  {%- endif -%}
  {{ run_hooks(pre_hooks, inside_transaction=false) }}
  {{ run_hooks(pre_hooks, inside_transaction=true) }}
  {%- set build_sql = get_csv_sql(create_csv_table(model, none), load_csv_rows(model, none)) -%}
  {{ smelt_make_room(existing, 'table', build_sql) }}
  {% call statement('main') %}{{ build_sql }}{% endcall %}
  {% do create_indexes(target_relation) %}
  {{ smelt_finish(target_relation, existing, true) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
