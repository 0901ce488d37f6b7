{# ---- the statements that make tables and views #}

{% macro should_full_refresh() %}
  {%- set configured = config.get('full_refresh') -%}
  {%- do return(flags.FULL_REFRESH if configured is none else configured) -%}
{% endmacro %}

{# a text or a list of texts as a list #}
{% macro smelt_list(value) %}
  {%- if value is none -%}{%- do return([]) -%}{%- endif -%}
  {%- do return([value] if value is string else value) -%}
{% endmacro %}

{# names for SQL: quoted, unless they are quoted already #}
{% macro smelt_quoted_names(names) %}
  {%- set quoted = [] -%}
  {%- for name in smelt_list(names) -%}
    {%- do quoted.append(name if name.startswith('"') else adapter.quote(name)) -%}
  {%- endfor -%}
  {%- do return(quoted) -%}
{% endmacro %}

{# how a Delta table is laid out, and its properties: partitioned_by, sorted_by, table_properties #}
{% macro smelt_table_options() -%}
  {%- set partitions = smelt_quoted_names(config.get('partitioned_by') or config.get('partition_by')) -%}
  {%- set order = smelt_quoted_names(config.get('sorted_by') or config.get('cluster_by')) -%}
  {%- set properties = config.get('table_properties') or config.get('tblproperties') or {} -%}
  {%- if partitions %} partitioned by ({{ partitions | join(', ') }}){% endif -%}
  {%- if order %} sorted by ({{ order | join(', ') }}){% endif -%}
  {%- if properties %} with (
    {%- for name, value in properties.items() %}'{{ name }}' = '{{ value | string | replace("'", "''") }}'{{ ', ' if not loop.last }}{% endfor -%}
  ){% endif -%}
{%- endmacro %}

{% macro get_create_table_as_sql(temporary, relation, sql) -%}
  {{ return(adapter.dispatch('get_create_table_as_sql', 'dbt')(temporary, relation, sql)) }}
{%- endmacro %}
{% macro default__get_create_table_as_sql(temporary, relation, sql) -%}
  {{ return(create_table_as(temporary, relation, sql)) }}
{%- endmacro %}

{% macro create_table_as(temporary, relation, compiled_code, language='sql') -%}
  {{ return(adapter.dispatch('create_table_as', 'dbt')(temporary, relation, compiled_code)) }}
{%- endmacro %}

{# a table that is there is replaced in one commit and keeps its history #}
{% macro default__create_table_as(temporary, relation, sql) -%}
  {%- set header = config.get('sql_header') -%}
  {%- if header %}{{ header }}
{% endif -%}
  {%- if temporary -%}
create or replace temporary table {{ relation.include(database=false, schema=false) }} as (
{{ sql }}
)
  {%- elif smelt_contract is defined -%}
create or replace table {{ relation }} ({{ smelt_contract }}){{ smelt_table_options() }};
insert into {{ relation }} select {{ smelt_contract_columns }} from (
{{ sql }}
) as model
  {%- else -%}
create or replace table {{ relation }}{{ smelt_table_options() }} as (
{{ sql }}
)
  {%- endif -%}
{%- endmacro %}

{% macro get_create_view_as_sql(relation, sql) -%}
  {{ return(adapter.dispatch('get_create_view_as_sql', 'dbt')(relation, sql)) }}
{%- endmacro %}
{% macro default__get_create_view_as_sql(relation, sql) -%}
  {{ return(create_view_as(relation, sql)) }}
{%- endmacro %}

{% macro create_view_as(relation, sql) -%}
  {{ return(adapter.dispatch('create_view_as', 'dbt')(relation, sql)) }}
{%- endmacro %}
{% macro default__create_view_as(relation, sql) -%}
  {%- set header = config.get('sql_header') -%}
  {%- if header %}{{ header }}
{% endif -%}
create or replace view {{ relation }} as (
{{ sql }}
)
{%- endmacro %}

{% macro get_create_materialized_view_as_sql(relation, sql) -%}
  {{ return(adapter.dispatch('get_create_materialized_view_as_sql', 'dbt')(relation, sql)) }}
{%- endmacro %}
{% macro default__get_create_materialized_view_as_sql(relation, sql) -%}
  {{ return(get_create_table_as_sql(false, relation, sql)) }}
{%- endmacro %}

{% macro get_create_sql(relation, sql) -%}
  {{ return(adapter.dispatch('get_create_sql', 'dbt')(relation, sql)) }}
{%- endmacro %}
{% macro default__get_create_sql(relation, sql) -%}
  {%- if relation.is_view %}{{ return(get_create_view_as_sql(relation, sql)) }}{% endif -%}
  {{ return(get_create_table_as_sql(false, relation, sql)) }}
{%- endmacro %}

{% macro get_replace_sql(existing_relation, target_relation, sql) -%}
  {{ return(adapter.dispatch('get_replace_sql', 'dbt')(existing_relation, target_relation, sql)) }}
{%- endmacro %}
{% macro default__get_replace_sql(existing_relation, target_relation, sql) -%}
  {{ return(get_create_sql(target_relation, sql)) }}
{%- endmacro %}

{# makes room for what is about to be made: where a view stands and a table is wanted or the other way round, and where
   the statement, of a project's own macro, does not replace what is there #}
{% macro smelt_make_room(existing, wanted, build_sql) %}
  {%- if existing is not none and (existing.type != wanted or 'or replace' not in build_sql | lower) -%}
    {%- call statement() %}drop {{ existing.type }} {{ existing }}{% endcall -%}
  {%- endif -%}
{% endmacro %}

{# the keys of a contract, which no table of the lake keeps by itself #}
{% macro smelt_check_keys() %}
  {%- for check in fromjson(smelt_key_checks) -%}
    {%- set broken = run_query(check.question) -%}
    {%- if broken.rows | length > 0 -%}
      {%- do exceptions.raise_compiler_error(check.complaint ~ ' ' ~ broken.rows[0] | join(', ') ~ ' ' ~ check.why) -%}
    {%- endif -%}
  {%- endfor -%}
{% endmacro %}

{# what follows when a table or view has been made #}
{% macro smelt_finish(relation, existing, full_refresh) %}
  {%- if smelt_key_checks is defined -%}{%- do smelt_check_keys() -%}{%- endif -%}
  {%- do apply_grants(relation, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=full_refresh)) -%}
  {%- do persist_docs(relation, model) -%}
  {{ run_hooks(post_hooks, inside_transaction=true) }}
  {{ adapter.commit() }}
  {{ run_hooks(post_hooks, inside_transaction=false) }}
{% endmacro %}
