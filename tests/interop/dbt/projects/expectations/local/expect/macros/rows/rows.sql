{%- test expect_row_count_between(model, minimum=none, maximum=none, strictly=false) -%}
  {% set expression %}
  {% if minimum is not none %}count(*) >{{ "=" if not strictly }} {{ minimum }}{% endif %}
  {%- if minimum is not none and maximum is not none %} and {% endif -%}
  {% if maximum is not none %}count(*) <{{ "=" if not strictly }} {{ maximum }}{% endif %}
  {% endset %}
  {{ expect.expression_rows(model, expression) }}
{%- endtest -%}

{% test expect_row_count_equals(model, value) %}
  {{ adapter.dispatch('test_expect_row_count_equals', 'expect')(model, value) }}
{% endtest %}
{% macro default__test_expect_row_count_equals(model, value) -%}
  {%- set expression = 'count(*) = ' ~ value -%}
  {{ expect.expression_rows(model, expression=expression) }}
{%- endmacro %}

{% test expect_same_row_count(model, compare_model, factor=1) %}
with a as (select count(*) as expression from {{ model }}),
b as (select count(*) * {{ factor }} as expression from {{ compare_model }})
select a.expression, b.expression as other from a cross join b where a.expression <> b.expression
{% endtest %}

{% test expect_fewer_rows(model, compare_model) %}
{{ config(fail_calc='coalesce(sum(surplus), 0)') }}
with a as (select count(*) as n from {{ model }}), b as (select count(*) as n from {{ compare_model }}),
final as (
  select case when a.n >= b.n then a.n - b.n + 1 else 0 end as surplus from a, b
)
select * from final
{% endtest %}

{% test expect_column_set(model, columns, transform='lower') %}
  {%- if execute -%}
    {%- set found = expect.column_names(model) | map(transform) | list -%}
    {%- set wanted = columns | map(transform) | list -%}
    {%- set missing = wanted | reject('in', found) | list -%}
    {%- set extra = set(found).difference(wanted) | list | sort -%}
    with relation as (
      {% for name in missing + extra %}
      select '{{ name }}' as column_name{% if not loop.last %} union all {% endif %}
      {% else %}
      select 'none' as column_name where false
      {% endfor %}
    )
    select * from relation
  {%- endif -%}
{% endtest %}

{% test expect_no_overlaps(model, lower, upper, by=None, gaps='allowed') %}
{% if gaps == 'not_allowed' %}{% set operator, sentence = '=', 'no gaps' %}
{% elif gaps == 'allowed' %}{% set operator, sentence = '<=', 'gaps' %}
{% else %}{{ exceptions.raise_compiler_error("`gaps` must be `allowed` or `not_allowed`, got: '" ~ gaps ~ "'") }}
{% endif %}
{% set partition = "partition by " ~ by if by else "" %}
with windowed as (
  select {% if by %}{{ by }} as part,{% endif %}
    {{ lower }} as lower_bound, {{ upper }} as upper_bound,
    lead({{ lower }}) over ({{ partition }} order by {{ lower }}, {{ upper }}) as next_lower
  from {{ model }}
)
select *, '{{ sentence }}' as expected from windowed
where not coalesce(upper_bound {{ operator }} next_lower, next_lower is null) or lower_bound > upper_bound
{% endtest %}

{% test expect_true(model, expression, condition="1=1") %}
select 1 from (select * from {{ model }} where {{ condition }}) as kept where not({{ expression }})
{% endtest %}

{% test expect_group_totals(model, column, by, total, tolerance=none) %}
{%- set tolerance = tolerance if tolerance is not none else var('tolerance', 0.001) -%}
{{ expect.expression_rows(model,
    expression="abs(sum(" ~ column ~ ") - " ~ total ~ ") <= " ~ tolerance,
    group_by_columns=by) }}
{% endtest %}
