{% macro duckdb__greet(name) %}'shimmed {{ name }}'{% endmacro %}
{% macro default__key(columns) %}'never'{% endmacro %}
