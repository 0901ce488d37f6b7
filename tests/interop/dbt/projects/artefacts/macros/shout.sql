{% macro shout(x) %}'{{ x | upper }}'{% endmacro %}
