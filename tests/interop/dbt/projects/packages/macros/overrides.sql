{% macro default__key(columns) %}{{ toolbox.default__key(columns) }} || '#'{% endmacro %}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if custom_schema_name is none -%}{{ target.schema }}{%- else -%}{{ custom_schema_name | trim }}_{{ node.package_name }}{%- endif -%}
{%- endmacro %}
{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
    {{ (custom_alias_name or node.name) ~ ('_x' if node.resource_type == 'model' and 'suffixed' in node.tags else '') }}
{%- endmacro %}
{% macro default__type_string() %}text{% endmacro %}
{% macro default__test_not_null(model, column_name) %}
select {{ column_name }} as missing from {{ model }} where {{ column_name }} is null and true
{% endmacro %}
