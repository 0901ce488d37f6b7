{% test is_even(model, column_name) %}
    {{ config(severity='warn') }}
    select {{ column_name }} as odd from {{ model }} where {{ column_name }} % 2 = 1
{% endtest %}
