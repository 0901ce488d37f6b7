{% test row_count_between(model, low, high) %}
{{ config(fail_calc='sum(off)') }}
select case when count(*) between {{ low }} and {{ high }} then 0 else 1 end as off from {{ model }}
{% endtest %}

{% test expression_holds(model, expression, column_name=none) %}
select * from {{ model }} where not ({{ column_name or '' }} {{ expression }})
{% endtest %}
