{%- macro column_names(relation, transform=none) -%}
  {%- if not execute -%}{{ return([]) }}{%- endif -%}
  {%- set names = [] -%}
  {%- for column in adapter.get_columns_in_relation(relation) -%}
    {%- do names.append(column.name | upper if transform == 'upper' else column.name) -%}
  {%- endfor -%}
  {{ return(names) }}
{%- endmacro -%}

{%- macro now() -%}{{ return(adapter.dispatch('now', 'expect')()) }}{%- endmacro -%}
{%- macro default__now() -%}{{ var('clock') }}{%- endmacro -%}

{% macro shifted_day(day, days) %}{{ return(adapter.dispatch('shifted_day', 'expect')(day, days)) }}{% endmacro %}
{% macro default__shifted_day(day, days) -%}
  {%- set text = day | string -%}
  cast({{ dbt.dateadd('day', days, "cast('" ~ text ~ "' as " ~ dbt.type_timestamp() ~ ")") }} as date)
{%- endmacro %}

{% macro matches(value, regex, flags='') %}{{ adapter.dispatch('matches', 'expect')(value, regex, flags) }}{% endmacro %}
{% macro default__matches(value, regex, flags) -%}
  {%- if flags -%}{{ expect.checked_flags(flags, 'is') }}{%- endif -%}
  regexp_matches({{ value }}, '{{ dbt.escape_single_quotes(regex) }}'{{ ", '" ~ flags ~ "'" if flags }})
{%- endmacro %}
{% macro checked_flags(flags, allowed) %}
  {%- for flag in flags if flag not in allowed -%}
    {{ exceptions.raise_compiler_error("unknown flag: " ~ flag) }}
  {%- endfor -%}
{%- endmacro %}

{# rows that an expression is false for, in groups or not #}
{% macro expression_rows(model, expression, group_by_columns=none, row_condition=none) %}
    {{- adapter.dispatch('expression_rows', 'expect')(model, expression, group_by_columns, row_condition) -}}
{% endmacro %}
{% macro default__expression_rows(model, expression, group_by_columns, row_condition) -%}
with grouped as (
    select
        {% if group_by_columns -%}
        {% for column in group_by_columns -%}
        {{ column }} as col_{{ loop.index }},
        {% endfor -%}
        {% endif -%}
        {{ expression }} as expression
    from {{ model }}
    {%- if row_condition %}
    where {{ row_condition }}
    {% endif %}
    {% if group_by_columns %}
    group by
    {% for column in group_by_columns -%}
        {{ column }}{% if not loop.last %},{% endif %}
    {% endfor %}
    {% endif %}
),
failing as (
    select * from grouped where not(expression) or expression is null
)
select * from failing
{%- endmacro %}
