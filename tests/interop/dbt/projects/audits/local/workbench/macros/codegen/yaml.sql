{% macro column_yaml(column, model_yaml, column_desc_dict, include_data_types, parent_column_name="") %}
  {% if parent_column_name %}{% set column_name = parent_column_name ~ "." ~ column.name %}{% else %}{% set column_name = column.name %}{% endif %}
  {% do model_yaml.append('      - name: ' ~ column_name | lower ) %}
  {% if include_data_types %}{% do model_yaml.append('        data_type: ' ~ workbench.type_name(column)) %}{% endif %}
  {% do model_yaml.append('        description: ' ~ (column_desc_dict.get(column.name | lower,'') | tojson)) %}
  {% do model_yaml.append('') %}
  {% if column.fields|length > 0 %}{% for child in column.fields %}{% set model_yaml = workbench.column_yaml(child, model_yaml, {}, include_data_types, parent_column_name=column_name) %}{% endfor %}{% endif %}
  {% do return(model_yaml) %}
{% endmacro %}
{% macro type_name(column) %}
  {% set formatted = column.dtype %}
  {% do return(formatted | lower) %}
{% endmacro %}

{% macro model_yaml(model_names=[], upstream_descriptions=False, include_data_types=True) %}
    {% set model_yaml=[] %}
    {% do model_yaml.append('version: 2') %}
    {% do model_yaml.append('') %}
    {% do model_yaml.append('models:') %}
    {% if model_names is string %}{{ exceptions.raise_compiler_error("The `model_names` argument must always be a list, even if there is only one model.") }}{% endif %}
    {% for model in model_names %}
        {% do model_yaml.append('  - name: ' ~ model | lower) %}
        {% do model_yaml.append('    description: ""') %}
        {% do model_yaml.append('    columns:') %}
        {% set relation = ref(model) %}
        {%- set columns = adapter.get_columns_in_relation(relation) -%}
        {% set column_desc_dict = workbench.descriptions(model) if upstream_descriptions else {} %}
        {% for column in columns %}
            {% set model_yaml = workbench.column_yaml(column, model_yaml, column_desc_dict, include_data_types) %}
        {% endfor %}
    {% endfor %}
    {% if execute %}
        {% set joined = model_yaml | join ('\n') %}
        {{ print(joined) }}
        {% do return(joined) %}
    {% endif %}
{% endmacro %}

{% macro descriptions(name) %}
  {% if not execute %}{% do return({}) %}{% endif %}
  {% set node = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | selectattr('name', 'equalto', name) | first %}
  {% set found = {} %}
  {% for column in node.columns.values() if column.description %}{% do found.update({column.name: column.description}) %}{% endfor %}
  {% do return(found) %}
{% endmacro %}

{% macro tables_in_schema(schema_name, database_name=target.database, table_pattern='%', exclude='') %}
    {% set tables = workbench.relations_by_pattern(schema_pattern=schema_name, database=database_name, table_pattern=table_pattern, exclude=exclude) %}
    {% set table_list = tables | map(attribute='identifier') %}
    {{ return(table_list | sort) }}
{% endmacro %}

{% macro source_yaml(schema_name, database_name=target.database, generate_columns=False, include_descriptions=False, table_pattern='orders%', exclude='', name=schema_name) %}
{% set sources_yaml=[] %}
{% do sources_yaml.append('version: 2') %}
{% do sources_yaml.append('') %}
{% do sources_yaml.append('sources:') %}
{% do sources_yaml.append('  - name: ' ~ name | lower) %}
{% if database_name != target.database %}{% do sources_yaml.append('    database: ' ~ database_name | lower) %}{% endif %}
{% do sources_yaml.append('    tables:') %}
{% for table in workbench.tables_in_schema(schema_name, database_name, table_pattern, exclude) %}
    {% do sources_yaml.append('      - name: ' ~ table | lower ) %}
    {% if generate_columns %}
    {% do sources_yaml.append('        columns:') %}
        {% set table_relation = api.Relation.create(database=database_name, schema=schema_name, identifier=table) %}
        {% for column in adapter.get_columns_in_relation(table_relation) %}
            {% do sources_yaml.append('          - name: ' ~ column.name | lower ~ ' # ' ~ column.is_number() ~ ' ' ~ column.is_string()) %}
        {% endfor %}
        {% do sources_yaml.append('') %}
    {% endif %}
{% endfor %}
{% if execute %}
    {% set joined = sources_yaml | join ('\n') %}
    {% for line in joined.splitlines() if line | trim %}{% do log(line | replace(' ', '.'), info=true) %}{% endfor %}
    {% do return(joined) %}
{% endif %}
{% endmacro %}

{% macro base_model(source_name, table_name, leading_commas=False, materialized=None) %}
{%- set source_relation = source(source_name, table_name) -%}
{%- set columns = adapter.get_columns_in_relation(source_relation) -%}
{% set column_names=columns | map(attribute='name') %}
{% set base_model_sql %}
{%- if materialized is not none -%}
    {{ "{{ config(materialized='" ~ materialized ~ "') }}" }}
{%- endif %}
with source as (
    select * from {% raw %}{{ source({% endraw %}'{{ source_name }}', '{{ table_name }}'{% raw %}) }}{% endraw %}
),
renamed as (
    select
        {%- if leading_commas -%}
        {%- for column in column_names %}
        {{ ", " if not loop.first }}{{ column | lower }}
        {%- endfor %}
        {%- else -%}
        {%- for column in column_names %}
        {{ column | lower }}{{ "," if not loop.last }}
        {%- endfor -%}
        {%- endif %}
    from source
)
select * from renamed
{% endset %}
{% if execute %}
{{ print(base_model_sql) }}
{% do return(base_model_sql) %}
{% endif %}
{% endmacro %}
