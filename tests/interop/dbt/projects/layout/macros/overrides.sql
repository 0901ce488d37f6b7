{% macro layout__scaled(column) %}{{ return(theme__scaled(column) ~ ' + 0') }}{% endmacro %}
{% macro theme__scaled(column) %}{{ column }} * {{ var('scale') }}{% endmacro %}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if custom_schema_name is none -%}{{ target.schema }}
    {%- elif node.package_name != project_name -%}{{ target.schema }}_{{ custom_schema_name | trim }}
    {%- elif node.resource_type == 'seed' -%}{{ default__generate_schema_name(custom_schema_name, node) }}
    {%- else -%}{{ custom_schema_name | trim }}{%- endif -%}
{%- endmacro %}
{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
    {%- if custom_alias_name -%}{{ custom_alias_name | trim }}
    {%- elif node.version -%}{{ node.name ~ "_v" ~ (node.version | string | replace(".", "_")) }}
    {%- elif node.fqn | length > 4 -%}{{ node.name ~ '_' ~ node.fqn[-3] }}
    {%- else -%}{{ node.name }}{%- endif -%}
{%- endmacro %}
