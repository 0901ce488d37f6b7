{% macro scaled(column) %}{{ return(adapter.dispatch('scaled', 'library')(column)) }}{% endmacro %}
{% macro default__scaled(column) %}{{ column }}{% endmacro %}
{% macro greeting(who='all') %}{{ adapter.dispatch('greeting', macro_namespace='library')(who) }}{% endmacro %}
{% macro default__greeting(who) %}library greets {{ who }}{% endmacro %}
