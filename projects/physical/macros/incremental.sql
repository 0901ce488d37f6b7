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
