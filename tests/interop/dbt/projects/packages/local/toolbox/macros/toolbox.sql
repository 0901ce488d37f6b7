{% macro key(columns) %}{{ return(adapter.dispatch('key', 'toolbox')(columns)) }}{% endmacro %}
{% macro default__key(columns) %}md5({% for c in columns %}coalesce(cast({{ c }} as {{ dbt.type_string() }}), '~'){% if not loop.last %} || '-' || {% endif %}{% endfor %}){% endmacro %}
{% macro greet(name='you') %}{{ adapter.dispatch('greet', macro_namespace='toolbox')(name) }}{% endmacro %}
{% macro default__greet(name) %}'hello {{ name }}'{% endmacro %}
{% macro shout(text) %}{{ return(adapter.dispatch('shout', 'toolbox')(text)) }}{% endmacro %}
{% macro default__shout(text) %}{{ return("'" ~ text | upper ~ "'") }}{% endmacro %}
{% macro duckdb__shout(text) %}{{ return("'" ~ text | upper ~ "!'") }}{% endmacro %}
{% macro depth() %}{{ return(var('depth')) }}{% endmacro %}
{% test at_least(model, column_name, low=0) %}select * from {{ model }} where {{ column_name }} < {{ low }}{% endtest %}
