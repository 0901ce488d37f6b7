{% test expect_between(model, column_name, minimum=None, maximum=None, row_condition=None, strictly=False) %}
{%- if minimum is none and maximum is none -%}{{ exceptions.raise_compiler_error("give a bound") }}{%- endif -%}
{%- set operator = "" if strictly else "=" -%}
{%- set parts = [] -%}
{%- if minimum is not none %}{% do parts.append(column_name ~ ' >' ~ operator ~ ' ' ~ minimum) %}{% endif -%}
{%- if maximum is not none %}{% do parts.append(column_name ~ ' <' ~ operator ~ ' ' ~ maximum) %}{% endif -%}
{{ expect.expression_rows(model, expression='( ' ~ parts | join(' and ') ~ ' )', row_condition=row_condition) }}
{% endtest %}

{% test expect_type(model, column_name, type) %}
{%- if execute -%}
  {%- set found = adapter.get_columns_in_relation(model) | selectattr('name', 'equalto', column_name) | map(attribute='dtype') | map('lower') | list -%}
  select '{{ found | join(", ") }}' as found where '{{ found | first }}' not in ('{{ type }}')
{%- endif -%}
{% endtest %}

{% test expect_match(model, column_name, regex, flags='', is_raw=true) %}
{% set expression = expect.matches(column_name, regex, flags) %}
{{ expect.expression_rows(model, expression=expression) }}
{% endtest %}

{% test expect_sequence(model, column_name, interval=1, datepart=None, group_by_columns=[]) %}
{% set previous = "lag(" ~ column_name ~ ") over (" ~ ("partition by " ~ group_by_columns | join(', ') if group_by_columns | length > 0) ~ " order by " ~ column_name ~ ")" %}
with windowed as (select {{ column_name }}, {{ previous }} as previous from {{ model }})
select * from windowed
{% if datepart -%}
where not(cast({{ column_name }} as {{ dbt.type_timestamp() }}) = cast({{ dbt.dateadd(datepart, interval, 'previous') }} as {{ dbt.type_timestamp() }}))
{%- else -%}
where not({{ column_name }} = previous + {{ interval }})
{%- endif %}
{% endtest %}

{% test expect_distinct_count(model, column_name, equals, by=[]) %}
with validation as (
  select {% for g in by %}{{ g }}, {% endfor %}count(distinct {{ column_name }}) as n from {{ model }}
  {% if by %}group by {{ by | join(", ") }}{% endif %}
)
select * from validation where n > {{ equals }} or n = 0
{% endtest %}

{%- test expect_share_not_null(model, column_name, at_least, at_most=1.0) -%}
{%- set at_least = at_least | float if at_least is string else at_least -%}
select share from (
  select sum(case when {{ column_name }} is null then 0 else 1 end) / cast(count(*) as {{ dbt.type_numeric() }}) as share
  from {{ model }}
) as s
where share < {{ at_least }} or share > {{ at_most }}
{%- endtest -%}

{% test expect_mean(model, column_name, near, within=0.001) %}
select avg({{ column_name }}) as mean from {{ model }} having abs(mean - {{ near }}) > {{ within }}
{% endtest %}

{% test expect_not_constant(model, column_name) %}
select count(distinct {{ column_name }}) as filler_column from {{ model }} having count(distinct {{ column_name }}) = 1
{% endtest %}

{% test expect_at_least_one(model, column_name, by=[]) %}
{% if by | length() > 0 %}
  {% set select_by = by | join(' ,') + ', ' %}
  {% set group_by = 'group by ' + by | join(',') %}
{% endif %}
select {{ select_by }} count({{ column_name }}) as n from {{ model }} {{ group_by }} having count({{ column_name }}) = 0
{% endtest %}

{% test expect_recent(model, column_name, datepart, interval, by=None, timestamp_type=dbt.type_timestamp()) %}
{% set threshold = dbt.dateadd(datepart, interval * -1, expect.now()) %}
select * from (
  select {% if by %}{{ by | join(', ') }},{% endif %} cast(max({{ column_name }}) as {{ timestamp_type }}) as most_recent
  from {{ model }} {% if by %}group by {% for g in by %}{{ loop.index }}{{ ", " if not loop.last }}{% endfor %}{% endif %}
) as r
where most_recent < {{ threshold }} or most_recent is null
{% endtest %}

{% test expect_relation(model, column_name, to, field, from_condition="1=1", to_condition="1=1") %}
with l as (select {{ column_name }} as id from {{ model }} where {{ column_name }} is not null and {{ from_condition }}),
r as (select {{ field }} as id from {{ to }} where {{ to_condition }})
select l.id from l left join r on l.id = r.id where r.id is null
{% endtest %}

{% test expect_same_values(model, column_name, compare_model, field) %}
select distinct {{ column_name }} as v from {{ model }} {{ dbt.except() }} select {{ field }} from {{ compare_model }}
{% endtest %}

{% test expect_value_in_list(model, column_name, values, quote_values=True) %}
select {{ column_name }} from {{ model }} where {{ column_name }} not in (
{%- for value in values %}
  {{ "cast('" ~ value ~ "' as date)" if quote_values else value }}{{ "," if not loop.last }}
{%- endfor %}
)
{% endtest %}
