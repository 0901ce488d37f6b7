{% macro pop_columns(columns, columns_to_pop) %}
{% set popped_columns=[] %}
{% for column in columns %}
    {% if column.name | lower not in columns_to_pop | lower %}{% do popped_columns.append(column) %}{% endif %}
{% endfor %}
{{ return(popped_columns) }}
{% endmacro %}

{% macro compare_relations(a_relation, b_relation, exclude_columns=[], primary_key=None, summarize=true) %}
{%- set a_columns = adapter.get_columns_in_relation(a_relation) -%}
{% set check_columns = workbench.pop_columns(a_columns, exclude_columns) %}
{% set check_cols_csv = check_columns | map(attribute='quoted') | join(', ') %}
{% set a_query %}
select
    {{ check_cols_csv }}
from {{ a_relation }}
{% endset %}
{% set b_query %}
select
    {{ check_cols_csv }}
from {{ b_relation }}
{% endset %}
{{ workbench.compare_queries(a_query, b_query, primary_key, summarize) }}
{% endmacro %}

{% macro compare_queries(a_query, b_query, primary_key=None, summarize=true) -%}
with a as (
    {{ a_query }}
),
b as (
    {{ b_query }}
),
a_intersect_b as (
    select * from a
    {{ dbt.intersect() }}
    select * from b
),
a_except_b as (
    select * from a
    {{ dbt.except() }}
    select * from b
),
b_except_a as (
    select * from b
    {{ dbt.except() }}
    select * from a
),
all_records as (
    select *, true as in_a, true as in_b from a_intersect_b
    union all
    select *, true as in_a, false as in_b from a_except_b
    union all
    select *, false as in_a, true as in_b from b_except_a
),
{%- if summarize %}
summary_stats as (
    select in_a, in_b, count(*) as count from all_records group by 1, 2
),
final as (
    select *, round(100.0 * count / sum(count) over (), 2) as percent_of_total
    from summary_stats
    order by in_a desc, in_b desc
)
{%- else %}
final as (
    select * from all_records
    where not (in_a and in_b)
    order by {{ primary_key ~ ", " if primary_key is not none }} in_a desc, in_b desc
)
{%- endif %}
select * from final
{%- endmacro %}

{% macro compare_columns(a_relation, b_relation, primary_key) %}
{%- if not execute -%}{{ return('') }}{%- endif -%}
{% set ns = namespace(first=true, compared=0) %}
{% for column in adapter.get_columns_in_relation(a_relation) if column.name != primary_key %}
{% if not ns.first %}union all{% endif %}
select '{{ column.name }}' as column_name, {{ loop.index }} as place, '{{ column.data_type }}' as type,
  sum(case when a."{{ column.name }}" is not distinct from b."{{ column.name }}" then 1 else 0 end) as same
from {{ a_relation }} as a join {{ b_relation }} as b using ({{ primary_key }})
{% set ns.first = false %}{% set ns.compared = ns.compared + 1 %}
{% endfor %}
-- {{ ns.compared }} columns
{% endmacro %}
