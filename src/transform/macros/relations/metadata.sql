{# ---- what the database knows of its schemas and relations #}

{% macro information_schema_name(database) %}
  {{ return(adapter.dispatch('information_schema_name', 'dbt')(database)) }}
{% endmacro %}
{% macro default__information_schema_name(database) -%}
  {{ database ~ '.' if database }}INFORMATION_SCHEMA
{%- endmacro %}

{% macro list_schemas(database) -%}
  {{ return(adapter.dispatch('list_schemas', 'dbt')(database)) }}
{%- endmacro %}
{% macro default__list_schemas(database) -%}
  {% set sql %}
    select schema_name from system.information_schema.schemata
    {{ "where lower(catalog_name) = '" ~ database | lower ~ "'" if database is not none }}
  {% endset %}
  {{ return(run_query(sql)) }}
{%- endmacro %}

{# One row with the number of schemas of that name. #}
{% macro check_schema_exists(information_schema, schema) -%}
  {{ return(adapter.dispatch('check_schema_exists', 'dbt')(information_schema, schema)) }}
{%- endmacro %}
{% macro default__check_schema_exists(information_schema, schema) -%}
  {% set sql %}
    select count(*) from system.information_schema.schemata
    where lower(schema_name) = '{{ schema | lower }}'
      and lower(catalog_name) = '{{ information_schema.database | lower }}'
  {% endset %}
  {{ return(run_query(sql)) }}
{%- endmacro %}

{# Rows of database, name, schema and type: "table" or "view". #}
{% macro list_relations_without_caching(schema_relation) %}
  {{ return(adapter.dispatch('list_relations_without_caching', 'dbt')(schema_relation)) }}
{% endmacro %}
{% macro default__list_relations_without_caching(schema_relation) %}
  {% call statement('list_relations_without_caching', fetch_result=true) -%}
    select
      table_catalog as database,
      table_name as name,
      table_schema as schema,
      case table_type when 'VIEW' then 'view' else 'table' end as type
    from system.information_schema.tables
    where lower(table_schema) = '{{ schema_relation.schema | lower }}'
      and lower(table_catalog) = '{{ schema_relation.database | lower }}'
  {%- endcall %}
  {{ return(load_result('list_relations_without_caching').table) }}
{% endmacro %}
