{% macro mac() %}42{% endmacro %}
