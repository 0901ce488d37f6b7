{# ---- the queries of snapshots #}

{% macro get_snapshot_table_column_names() %}
  {%- set names = {} -%}
  {%- for name in ['dbt_valid_to', 'dbt_valid_from', 'dbt_scd_id', 'dbt_updated_at', 'dbt_is_deleted'] -%}
    {%- do names.update({name: name}) -%}
  {%- endfor -%}
  {{ return(names) }}
{% endmacro %}

{# what the snapshot's own columns are called: the setting snapshot_meta_column_names #}
{% macro smelt_snapshot_columns() %}
  {%- set names = get_snapshot_table_column_names() -%}
  {%- do names.update(config.get('snapshot_meta_column_names') or {}) -%}
  {{ return(names) }}
{% endmacro %}

{% macro unique_key_fields(unique_key) -%}
  {%- if unique_key is string -%}
    {{ unique_key }} as dbt_unique_key
  {%- else -%}
    {%- for key in unique_key %}{{ key }} as dbt_unique_key_{{ loop.index }}{{ ', ' if not loop.last }}{% endfor -%}
  {%- endif -%}
{%- endmacro %}

{% macro unique_key_join_on(unique_key, identifier, from_identifier) -%}
  {%- if unique_key is string -%}
    {{ identifier }}.dbt_unique_key = {{ from_identifier }}.dbt_unique_key
  {%- else -%}
    {%- for key in unique_key -%}
      {{ identifier }}.dbt_unique_key_{{ loop.index }} = {{ from_identifier }}.dbt_unique_key_{{ loop.index }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro %}

{% macro unique_key_is_null(unique_key, identifier) -%}
  {{ identifier }}.dbt_unique_key{{ '' if unique_key is string else '_1' }} is null
{%- endmacro %}
{% macro unique_key_is_not_null(unique_key, identifier) -%}
  {{ identifier }}.dbt_unique_key{{ '' if unique_key is string else '_1' }} is not null
{%- endmacro %}

{# the end of a version that still counts, with the type of its beginning #}
{% macro get_dbt_valid_to_current(strategy, columns) -%}
coalesce(nullif({{ strategy.updated_at }}, {{ strategy.updated_at }}), {{ config.get('dbt_valid_to_current') or 'null' }}) as {{ columns.dbt_valid_to }}
{%- endmacro %}

{% macro smelt_is_current(relation, columns) -%}
  {%- set current = config.get('dbt_valid_to_current') -%}
  {%- set valid_to = relation ~ '.' ~ columns.dbt_valid_to -%}
  {%- if current -%}({{ valid_to }} = {{ current }} or {{ valid_to }} is null){%- else -%}{{ valid_to }} is null{%- endif -%}
{%- endmacro %}

{% macro build_snapshot_table(strategy, sql) -%}
  {{ return(adapter.dispatch('build_snapshot_table', 'dbt')(strategy, sql)) }}
{%- endmacro %}
{% macro default__build_snapshot_table(strategy, sql) -%}
  {%- set columns = smelt_snapshot_columns() -%}
select *,
  {{ strategy.scd_id }} as {{ columns.dbt_scd_id }},
  {{ strategy.updated_at }} as {{ columns.dbt_updated_at }},
  {{ strategy.updated_at }} as {{ columns.dbt_valid_from }},
  {{ get_dbt_valid_to_current(strategy, columns) }}
  {%- if strategy.hard_deletes == 'new_record' %},
  'False' as {{ columns.dbt_is_deleted }}
  {%- endif %}
from (
{{ sql }}
) as query
{%- endmacro %}

{% macro snapshot_staging_table(strategy, source_sql, target_relation) -%}
  {{ return(adapter.dispatch('snapshot_staging_table', 'dbt')(strategy, source_sql, target_relation)) }}
{%- endmacro %}

{# what has to happen, a row each: 'insert' a version, end one ('update') or end that of a row that is gone ('delete') #}
{% macro default__snapshot_staging_table(strategy, source_sql, target_relation) -%}
  {%- set columns = smelt_snapshot_columns() -%}
  {%- set key = strategy.unique_key -%}
  {%- set marks_deleted = strategy.hard_deletes == 'new_record' -%}
  {%- set closes_deleted = strategy.hard_deletes in ['invalidate', 'new_record'] -%}
  {%- set same_row = unique_key_join_on(key, 'snapshotted_data', 'source_data') -%}
  {%- set changed -%}
({{ strategy.row_changed }}{% if marks_deleted %} or snapshotted_data.{{ columns.dbt_is_deleted }} = 'True'{% endif %})
  {%- endset -%}
with snapshot_query as (
{{ source_sql }}
),
snapshotted_data as (
  select *, {{ unique_key_fields(key) }}
  from {{ target_relation }} as snapshotted
  where {{ smelt_is_current('snapshotted', columns) }}
),
source_data as (
  select *, {{ unique_key_fields(key) }},
    {{ strategy.updated_at }} as {{ columns.dbt_updated_at }},
    {{ strategy.updated_at }} as {{ columns.dbt_valid_from }},
    {{ get_dbt_valid_to_current(strategy, columns) }},
    {{ strategy.scd_id }} as {{ columns.dbt_scd_id }}
  from snapshot_query
),
{#- versions that begin, with what they end, found by one comparison of all rows #}
changed_data as materialized (
  select source_data.*,
    snapshotted_data.{{ columns.dbt_scd_id }} as smelt_ended_scd_id,
    {%- if marks_deleted %}
    snapshotted_data.{{ columns.dbt_is_deleted }} as smelt_was_deleted,
    {%- endif %}
    {{ unique_key_is_not_null(key, 'snapshotted_data') }} as smelt_is_known
  from source_data
  left join snapshotted_data on {{ same_row }}
  where {{ unique_key_is_null(key, 'snapshotted_data') }} or {{ changed }}
)
{%- set own = 'exclude (smelt_ended_scd_id, ' ~ ('smelt_was_deleted, ' if marks_deleted else '') ~ 'smelt_is_known)' %}
select 'insert' as dbt_change_type, * {{ own }}
  {%- if marks_deleted %}, 'False' as {{ columns.dbt_is_deleted }}{% endif %}
from changed_data
union all
select 'update' as dbt_change_type,
  * {{ own }} replace ({{ columns.dbt_updated_at }} as {{ columns.dbt_valid_to }}, smelt_ended_scd_id as {{ columns.dbt_scd_id }})
  {%- if marks_deleted %}, smelt_was_deleted{% endif %}
from changed_data
where smelt_is_known
  {%- if closes_deleted %}
    {%- set gone -%}
{{ unique_key_is_null(key, 'source_data') }}{% if marks_deleted %} and snapshotted_data.{{ columns.dbt_is_deleted }} is distinct from 'True'{% endif %}
    {%- endset %}
union all
select 'delete' as dbt_change_type,
  source_data.* replace ({{ snapshot_get_time() }} as {{ columns.dbt_valid_to }}, snapshotted_data.{{ columns.dbt_scd_id }} as {{ columns.dbt_scd_id }})
    {%- if marks_deleted %}, snapshotted_data.{{ columns.dbt_is_deleted }}{% endif %}
from snapshotted_data
left join source_data on {{ same_row }}
where {{ gone }}
    {%- if marks_deleted %}
      {%- set kept = get_columns_in_relation(target_relation) | map(attribute='name') | list %}
union all
select 'insert' as dbt_change_type,
      {%- for name in get_columns_in_query(source_sql) %}
  {{ 'snapshotted_data' if name in kept else 'source_data' }}.{{ adapter.quote(name) }},
      {%- endfor %}
  {% if key is string %}snapshotted_data.dbt_unique_key{% else %}{% for part in key %}snapshotted_data.dbt_unique_key_{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}{% endif %},
  {{ snapshot_get_time() }} as {{ columns.dbt_updated_at }},
  {{ snapshot_get_time() }} as {{ columns.dbt_valid_from }},
  snapshotted_data.{{ columns.dbt_valid_to }},
  {{ snapshot_hash_arguments(['snapshotted_data.' ~ columns.dbt_scd_id, snapshot_get_time()]) }} as {{ columns.dbt_scd_id }},
  'True' as {{ columns.dbt_is_deleted }}
from snapshotted_data
left join source_data on {{ same_row }}
where {{ gone }}
    {%- endif %}
  {%- endif %}
{%- endmacro %}

{% macro snapshot_merge_sql(target, source, insert_cols) -%}
  {{ return(adapter.dispatch('snapshot_merge_sql', 'dbt')(target, source, insert_cols)) }}
{%- endmacro %}
{# one equation, so that rows are found by hashing: further conditions would compare every row with every other #}
{% macro default__snapshot_merge_sql(target, source, insert_cols) -%}
  {%- set columns = smelt_snapshot_columns() -%}
merge into {{ target }} as DBT_INTERNAL_DEST
using {{ source }} as DBT_INTERNAL_SOURCE
on case when DBT_INTERNAL_SOURCE.dbt_change_type in ('update', 'delete') then DBT_INTERNAL_SOURCE.{{ columns.dbt_scd_id }} end
  = case when {{ smelt_is_current('DBT_INTERNAL_DEST', columns) }} then DBT_INTERNAL_DEST.{{ columns.dbt_scd_id }} end
when matched then update set {{ columns.dbt_valid_to }} = DBT_INTERNAL_SOURCE.{{ columns.dbt_valid_to }}
when not matched and DBT_INTERNAL_SOURCE.dbt_change_type = 'insert' then insert ({{ insert_cols | join(', ') }})
values ({% for name in insert_cols %}DBT_INTERNAL_SOURCE.{{ name }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}
