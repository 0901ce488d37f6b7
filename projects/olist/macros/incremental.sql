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

{# A condition that keeps one row per key: the first by `order_by`, which must leave no tie between different rows. #}
{% macro is_latest(key, order_by) -%}
  row_number() over (partition by {{ key }} order by {{ order_by }}) = 1
{%- endmacro %}
