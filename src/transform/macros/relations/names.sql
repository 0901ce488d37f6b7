{# ---- relations by name: what is there, and what stands beside it while it is built #}

{% macro load_cached_relation(relation) %}
  {{ return(adapter.get_relation(database=relation.database, schema=relation.schema, identifier=relation.identifier)) }}
{% endmacro %}
{% macro load_relation(relation) %}
  {{ return(load_cached_relation(relation)) }}
{% endmacro %}

{# [whether it exists, the relation]. #}
{% macro get_or_create_relation(database, schema, identifier, type) -%}
  {{ return(adapter.dispatch('get_or_create_relation', 'dbt')(database, schema, identifier, type)) }}
{%- endmacro %}
{% macro default__get_or_create_relation(database, schema, identifier, type) %}
  {% set found = adapter.get_relation(database=database, schema=schema, identifier=identifier) %}
  {% if found %}
    {{ return([true, found]) }}
  {% endif %}
  {{ return([false, api.Relation.create(database=database, schema=schema, identifier=identifier, type=type)]) }}
{% endmacro %}

{# A temporary table: it belongs to the session, so it has neither schema nor database. #}
{% macro make_temp_relation(base_relation, suffix='__dbt_tmp') %}
  {% set batch = '_' ~ model.batch.id if suffix == '__dbt_tmp' and model is defined and model.batch else '' %}
  {{ return(adapter.dispatch('make_temp_relation', 'dbt')(base_relation, suffix ~ batch)) }}
{% endmacro %}
{% macro duckdb__make_temp_relation(base_relation, suffix) %}
  {% set name = base_relation.identifier ~ suffix ~ py_current_timestring() %}
  {{ return(base_relation.incorporate(path={'database': none, 'schema': none, 'identifier': name})) }}
{% endmacro %}
{% macro default__make_temp_relation(base_relation, suffix) %}
  {{ return(base_relation.incorporate(path={'identifier': base_relation.identifier ~ suffix})) }}
{% endmacro %}

{% macro make_intermediate_relation(base_relation, suffix='__dbt_tmp') %}
  {{ return(adapter.dispatch('make_intermediate_relation', 'dbt')(base_relation, suffix)) }}
{% endmacro %}
{% macro default__make_intermediate_relation(base_relation, suffix) %}
  {{ return(default__make_temp_relation(base_relation, suffix)) }}
{% endmacro %}

{% macro make_backup_relation(base_relation, backup_relation_type, suffix='__dbt_backup') %}
  {{ return(adapter.dispatch('make_backup_relation', 'dbt')(base_relation, backup_relation_type, suffix)) }}
{% endmacro %}
{% macro default__make_backup_relation(base_relation, backup_relation_type, suffix) %}
  {% set name = base_relation.identifier ~ suffix %}
  {{ return(base_relation.incorporate(path={'identifier': name}, type=backup_relation_type)) }}
{% endmacro %}
