{# ---- descriptions as comments in the database #}

{% macro persist_docs(relation, model, for_relation=true, for_columns=true) -%}
  {{ return(adapter.dispatch('persist_docs', 'dbt')(relation, model, for_relation, for_columns)) }}
{%- endmacro %}
{# Views of the lake have no comments. #}
{% macro default__persist_docs(relation, model, for_relation, for_columns) -%}
  {% if relation.is_view %}
    {{ return('') }}
  {% endif %}
  {% if for_relation and config.persist_relation_docs() and model.description %}
    {% do run_query(alter_relation_comment(relation, model.description)) %}
  {% endif %}
  {% if for_columns and config.persist_column_docs() and model.columns %}
    {% set existing = adapter.get_columns_in_relation(relation) | map(attribute='name') | list %}
    {% set sql = alter_column_comment(relation, validate_doc_columns(relation, model.columns, existing)) %}
    {% if sql and sql | trim %}
      {% do run_query(sql) %}
    {% endif %}
  {% endif %}
{%- endmacro %}

{# The described columns that are there; a warning for the others. #}
{% macro validate_doc_columns(relation, column_dict, existing_column_names) %}
  {% set lower_names = existing_column_names | map('lower') | list %}
  {% set found, missing = {}, [] %}
  {% for name, column in column_dict.items() %}
    {% if name in existing_column_names or (not column['quote'] and name | lower in lower_names) %}
      {% do found.update({name: column}) %}
    {% else %}
      {% do missing.append(name) %}
    {% endif %}
  {% endfor %}
  {% if missing %}
    {% do exceptions.warn(relation ~ ' has no columns ' ~ missing | join(', ') ~ ', which a properties file describes') %}
  {% endif %}
  {{ return(found) }}
{% endmacro %}

{% macro alter_relation_comment(relation, relation_comment) -%}
  {{ return(adapter.dispatch('alter_relation_comment', 'dbt')(relation, relation_comment)) }}
{%- endmacro %}
{% macro default__alter_relation_comment(relation, comment) %}
  comment on {{ relation.type }} {{ relation }} is '{{ dbt.escape_single_quotes(comment) }}';
{% endmacro %}

{% macro alter_column_comment(relation, column_dict) -%}
  {{ return(adapter.dispatch('alter_column_comment', 'dbt')(relation, column_dict)) }}
{%- endmacro %}
{% macro default__alter_column_comment(relation, column_dict) %}
  {% for name, column in column_dict.items() if column['description'] %}
  comment on column {{ relation }}.{{ adapter.quote(name) if column['quote'] else name }} is '{{ dbt.escape_single_quotes(column['description']) }}';
  {% endfor %}
{% endmacro %}
