{# ---- the strategies of incremental models. Each macro takes what materialization `incremental` puts together:
   target_relation, temp_relation, unique_key, dest_columns, incremental_predicates #}

{% macro get_incremental_default_sql(arg_dict) %}
  {{ return(adapter.dispatch('get_incremental_default_sql', 'dbt')(arg_dict)) }}
{% endmacro %}
{% macro default__get_incremental_default_sql(arg_dict) %}
  {{ return(get_incremental_delete_insert_sql(arg_dict)) }}
{% endmacro %}

{% macro get_incremental_append_sql(arg_dict) %}
  {{ return(adapter.dispatch('get_incremental_append_sql', 'dbt')(arg_dict)) }}
{% endmacro %}
{% macro default__get_incremental_append_sql(arg_dict) %}
  {{ return(get_insert_into_sql(arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['dest_columns'])) }}
{% endmacro %}

{% macro get_insert_into_sql(target_relation, temp_relation, dest_columns) -%}
  {%- set names = get_quoted_csv(dest_columns | map(attribute='name')) -%}
insert into {{ target_relation }} ({{ names }})
select {{ names }} from {{ temp_relation }}
{%- endmacro %}

{% macro get_incremental_delete_insert_sql(arg_dict) %}
  {{ return(adapter.dispatch('get_incremental_delete_insert_sql', 'dbt')(arg_dict)) }}
{% endmacro %}
{% macro default__get_incremental_delete_insert_sql(arg_dict) %}
  {{ return(get_delete_insert_merge_sql(arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['unique_key'], arg_dict['dest_columns'], arg_dict['incremental_predicates'])) }}
{% endmacro %}

{% macro get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
  {{ return(adapter.dispatch('get_delete_insert_merge_sql', 'dbt')(target, source, unique_key, dest_columns, incremental_predicates)) }}
{%- endmacro %}
{% macro default__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
  {%- if unique_key -%}
delete from {{ target }} as DBT_INTERNAL_DEST
where exists (
  select 1 from {{ source }} as DBT_INTERNAL_SOURCE
  where {% for key in smelt_list(unique_key) %}DBT_INTERNAL_SOURCE.{{ key }} = DBT_INTERNAL_DEST.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
)
    {%- for predicate in smelt_list(incremental_predicates) %}
and {{ predicate }}
    {%- endfor %};
  {% endif -%}
{{ get_insert_into_sql(target, source, dest_columns) }}
{%- endmacro %}

{% macro get_incremental_merge_sql(arg_dict) %}
  {{ return(adapter.dispatch('get_incremental_merge_sql', 'dbt')(arg_dict)) }}
{% endmacro %}
{# columns that the query does not have any more stay as they are, or are null in new rows #}
{% macro default__get_incremental_merge_sql(arg_dict) %}
  {%- set brought = adapter.get_columns_in_relation(arg_dict['temp_relation']) | map(attribute='name') | list -%}
  {%- set columns = arg_dict['dest_columns'] | selectattr('name', 'in', brought) | list -%}
  {{ return(get_merge_sql(arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['unique_key'], columns, arg_dict['incremental_predicates'])) }}
{% endmacro %}

{% macro get_incremental_insert_overwrite_sql(arg_dict) %}
  {{ return(adapter.dispatch('get_incremental_insert_overwrite_sql', 'dbt')(arg_dict)) }}
{% endmacro %}
{% macro default__get_incremental_insert_overwrite_sql(arg_dict) %}
  {{ return(get_insert_overwrite_merge_sql(arg_dict['target_relation'], arg_dict['temp_relation'], arg_dict['dest_columns'], arg_dict['incremental_predicates'])) }}
{% endmacro %}

{# the partitions that the query has rows for are replaced; a table without partitions as a whole #}
{% macro get_insert_overwrite_merge_sql(target, source, dest_columns, predicates, include_sql_header=false) -%}
  {{ return(adapter.dispatch('get_insert_overwrite_merge_sql', 'dbt')(target, source, dest_columns, predicates, include_sql_header)) }}
{%- endmacro %}
{% macro default__get_insert_overwrite_merge_sql(target, source, dest_columns, predicates, include_sql_header) -%}
  {%- set partitions = smelt_quoted_names(config.get('partitioned_by') or config.get('partition_by')) -%}
  {%- set conditions = smelt_list(predicates) | list -%}
  {%- if partitions -%}
    {%- set same = [] -%}
    {%- for name in partitions -%}
      {%- do same.append('DBT_INTERNAL_SOURCE.' ~ name ~ ' is not distinct from DBT_INTERNAL_DEST.' ~ name) -%}
    {%- endfor -%}
    {%- do conditions.append('exists (select 1 from ' ~ source ~ ' as DBT_INTERNAL_SOURCE where ' ~ same | join(' and ') ~ ')') -%}
  {%- endif -%}
delete from {{ target }} as DBT_INTERNAL_DEST
  {%- if conditions %} where ({{ conditions | join(') and (') }}){% endif %};
{{ get_insert_into_sql(target, source, dest_columns) }}
{%- endmacro %}

{# the rows of the batch's time are replaced #}
{% macro get_incremental_microbatch_sql(arg_dict) %}
  {{ return(adapter.dispatch('get_incremental_microbatch_sql', 'dbt')(arg_dict)) }}
{% endmacro %}
{% macro default__get_incremental_microbatch_sql(arg_dict) -%}
  {%- set event_time = config.get('event_time') -%}
  {%- set batch = model.get('batch') -%}
  {%- if not event_time -%}
    {%- do exceptions.raise_compiler_error("the incremental strategy microbatch needs the setting event_time") -%}
  {%- endif -%}
  {%- if config.get('unique_key') -%}
    {%- do exceptions.raise_compiler_error("the incremental strategy microbatch replaces the rows of a time and takes no unique_key") -%}
  {%- endif -%}
  {%- set within -%}
{{ event_time }} >= '{{ batch.event_time_start }}' and {{ event_time }} < '{{ batch.event_time_end }}'
  {%- endset -%}
  {%- set names = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
  {%- set delete_and_insert -%}
delete from {{ arg_dict['target_relation'] }} where {{ within }}
    {%- for predicate in smelt_list(arg_dict.get('incremental_predicates')) %} and ({{ predicate }}){% endfor %};
insert into {{ arg_dict['target_relation'] }} ({{ names }})
select {{ names }} from {{ arg_dict['temp_relation'] }} where {{ within }}
  {%- endset -%}
  {{ return(delete_and_insert) }}
{%- endmacro %}
