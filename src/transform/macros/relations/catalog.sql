{# ---- the catalogue: one row a column, with its relation #}

{% macro get_catalog(information_schema, schemas) -%}
  {{ return(adapter.dispatch('get_catalog', 'dbt')(information_schema, schemas)) }}
{%- endmacro %}
{% macro default__get_catalog(information_schema, schemas) -%}
  {%- set conditions = [] -%}
  {%- for schema in schemas -%}
    {%- do conditions.append("upper(table_schema) = upper('" ~ schema ~ "')") -%}
  {%- endfor -%}
  {{ return(run_query(catalog_sql(information_schema.database, conditions))) }}
{%- endmacro %}

{% macro get_catalog_relations(information_schema, relations) -%}
  {{ return(adapter.dispatch('get_catalog_relations', 'dbt')(information_schema, relations)) }}
{%- endmacro %}
{% macro default__get_catalog_relations(information_schema, relations) -%}
  {%- set conditions = [] -%}
  {%- for relation in relations -%}
    {%- if not relation.schema -%}
      {%- do exceptions.raise_compiler_error('get_catalog_relations() takes relations with a schema, not ' ~ relation) -%}
    {%- endif -%}
    {%- set named = " and upper(table_name) = upper('" ~ relation.identifier ~ "')" if relation.identifier else '' -%}
    {%- do conditions.append("(upper(table_schema) = upper('" ~ relation.schema ~ "')" ~ named ~ ')') -%}
  {%- endfor -%}
  {{ return(run_query(catalog_sql(information_schema.database, conditions))) }}
{%- endmacro %}

{% macro get_catalog_for_single_relation(relation) %}
  {{ return(adapter.dispatch('get_catalog_for_single_relation', 'dbt')(relation)) }}
{% endmacro %}
{% macro default__get_catalog_for_single_relation(relation) %}
  {{ return(get_catalog_relations(relation.information_schema(), [relation])) }}
{% endmacro %}

{# The catalogue of what meets one of the conditions on table_schema and table_name. #}
{% macro catalog_sql(database, conditions) %}
    with relations as (
        select database_name as table_database, schema_name as table_schema, table_name, 'BASE TABLE' as table_type,
            comment as table_comment
        from duckdb_tables()
        union all
        select database_name, schema_name, view_name, 'VIEW', comment
        from duckdb_views()
    ),
    columns as (
        select database_name as table_database, schema_name as table_schema, table_name, column_name, column_index,
            data_type as column_type, comment as column_comment
        from duckdb_columns()
    )
    select table_database, table_schema, table_name, table_type, table_comment,
        column_name, column_index, column_type, column_comment, null as table_owner
    from relations
    join columns using (table_database, table_schema, table_name)
    where upper(table_database) = upper('{{ database }}')
      and ({{ conditions | join(' or ') if conditions else 'false' }})
    order by table_schema, table_name, column_index
{% endmacro %}
