{% macro default__greeting(who) %}theme greets {{ who }} for {{ project_name }}{% endmacro %}
{% macro duckdb__safe_cast(field, type) %}coalesce(try_cast({{ field }} as {{ type }}), -1){% endmacro %}
