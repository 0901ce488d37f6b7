{% macro only_recent() %}{% endmacro %}
