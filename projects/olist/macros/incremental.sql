{#
  How incremental models find their work. Every row carries `loaded_at`: the newest ingestion_timestamp among the bronze
  rows it was made of. What an input holds above the greatest `loaded_at` of this table has not been seen yet.
#}

{# A common table expression body: the greatest loaded_at of this table, one row. #}
{% macro seen() -%}
  select coalesce(max(loaded_at), to_timestamp(0)) as loaded_at from {{ this }}
{%- endmacro %}

{# A condition on an input of a model that defines `seen`: true for the rows that this table has not seen yet. #}
{% macro unseen(column='loaded_at') -%}
  {{ column }} > (select loaded_at from seen)
{%- endmacro %}

{# A condition that keeps one row per key: the latest by event time, then by ingestion, then by all other columns. #}
{% macro is_latest(key, order_by) -%}
  row_number() over (partition by {{ key }} order by {{ order_by }}) = 1
{%- endmacro %}
