{% macro duckdb__create_view_as(relation, sql) -%}
    create view {{ relation }} as ( select *, 'overridden' as note from ({{ sql }}) );
{%- endmacro %}
{% macro get_create_table_as_sql(temporary, relation, sql) -%}
    {{ return(create_table_as(temporary, relation, sql)) }}
{%- endmacro %}
