{#
  How incremental models find their work. Every row carries `loaded_at`: the newest ingestion_timestamp among the bronze
  rows it was made of. What an input holds above the greatest `loaded_at` of this table has not been seen yet.
#}

{#
  The greatest loaded_at of this table as a literal, for `{% set seen = seen_until() %}` under is_incremental(). A literal
  lets a scan skip every file that holds nothing newer.
#}
{% macro seen_until() -%}
  {%- set newest = run_query('select coalesce(max(loaded_at), to_timestamp(0))::text from ' ~ this) -%}
  timestamptz '{{ newest.columns[0].values()[0] }}'
{%- endmacro %}

{# For snapshots, which have no is_incremental(): a condition that leaves the rows that this table has not seen. #}
{% macro not_seen_by_this() -%}
  {%- if execute and load_relation(this) is not none -%}
  where loaded_at > {{ seen_until() }}
  {%- endif -%}
{%- endmacro %}

{#
  The groups of a fact, by `keys`, that are no longer what a table of their sums says: a select. The table keeps of each
  group the number of its rows, `fact_rows`, and the greatest loaded_at. When the fact has only been added to since, the
  groups of the new rows are all; when rows were replaced as well, which may have left a group for another, those that
  differ in either figure.
#}
{% macro changed_groups(fact, keys) -%}
  {%- set seen = seen_until() -%}
  {%- set names = keys | join(', ') -%}
  {%- set counted = run_query(
    'select (select count(*) from ' ~ fact ~ ')'
    ~ ' = (select coalesce(sum(fact_rows), 0) from ' ~ this ~ ')'
    ~ ' + (select count(*) from ' ~ fact ~ ' where loaded_at > ' ~ seen ~ ')'
  ) -%}
  {%- if counted.columns[0].values()[0] -%}
  select distinct {{ names }} from {{ fact }} where loaded_at > {{ seen }}
  {%- else -%}
  select {{ names }}
  from (select {{ names }}, count(*) as rows_now, max(loaded_at) as newest from {{ fact }} group by {{ names }}) as counted
  full join (select {{ names }}, fact_rows, loaded_at from {{ this }}) as known using ({{ names }})
  where rows_now is distinct from fact_rows or newest is distinct from loaded_at
  {%- endif -%}
{%- endmacro %}

{#
  The rows of bronze that a staging model is made of, one per key, a select to use as a common table expression: of rows
  that repeat a key, the first by `order_by`, which must leave no tie between different rows. A later run takes only the
  keys that came since. Few keys are repeated, so that only their rows are sorted.
#}
{% macro latest_rows(table, key, order_by) -%}
  with
  candidates as (
    select *
    from {{ source('bronze', table) }}
    {% if is_incremental() %}
    semi join (
      select distinct {{ key }}
      from {{ source('bronze', table) }}
      where ingestion_timestamp > {{ seen_until() }}
    ) using ({{ key }})
    {% endif %}
  ),

  repeated as (select {{ key }} from candidates group by {{ key }} having count(*) > 1)

  select * from candidates anti join repeated using ({{ key }})
  union all
  (
    select *
    from candidates
    semi join repeated using ({{ key }})
    qualify row_number() over (partition by {{ key }} order by {{ order_by }}) = 1
  )
{%- endmacro %}
