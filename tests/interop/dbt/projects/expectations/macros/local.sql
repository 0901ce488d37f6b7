{% test dbt_expect_local(model, column_name, factor=2) %}
select * from {{ model }} where {{ column_name }} * {{ factor }} <= 0
{% endtest %}

{% test is_not_empty(model) %}
{{ config(fail_calc="sum(missing)", severity="warn") }}
select case when count(*) = 0 then 1 else 0 end as missing from {{ model }}
{% endtest %}

{# Wins over the package's own. #}
{% macro expectations__checked_flags(flags, allowed) %}{% endmacro %}
{% macro expectations__now() %}{{ expect.default__now() }}{% endmacro %}
