{# ---- merge: rows that are there are updated, others inserted #}

{% macro get_merge_unique_key_match(source_unique_key, target_unique_key) %}
  {{ return(adapter.dispatch('get_merge_unique_key_match', 'dbt')(source_unique_key, target_unique_key)) }}
{% endmacro %}
{% macro default__get_merge_unique_key_match(source_unique_key, target_unique_key) %}
  {{ return(equals(source_unique_key, target_unique_key) | trim) }}
{% endmacro %}

{% macro get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
  {{ return(adapter.dispatch('get_merge_sql', 'dbt')(target, source, unique_key, dest_columns, kwargs.get('predicates', incremental_predicates))) }}
{%- endmacro %}

{# the conditions of a merge: the key, then incremental_predicates #}
{% macro smelt_merge_conditions(unique_key, incremental_predicates) %}
  {%- set conditions = [] -%}
  {%- for key in smelt_list(unique_key) -%}
    {%- do conditions.append(get_merge_unique_key_match('DBT_INTERNAL_SOURCE.' ~ key, 'DBT_INTERNAL_DEST.' ~ key)) -%}
  {%- else -%}
    {%- do conditions.append('false') -%}
  {%- endfor -%}
  {%- do return(conditions + smelt_list(incremental_predicates)) -%}
{% endmacro %}

{# what `when matched` sets: pairs of column and expression #}
{% macro smelt_merge_assignments(dest_columns) %}
  {%- set expressions = config.get('merge_update_set_expressions') or {} -%}
  {%- set assignments = [] -%}
  {%- for column, expression in expressions.items() -%}{%- do assignments.append((column, expression)) -%}{%- endfor -%}
  {%- for column in get_merge_update_columns(config.get('merge_update_columns'), config.get('merge_exclude_columns'), dest_columns) -%}
    {%- if column | replace('"', '') not in expressions and column not in expressions -%}
      {%- do assignments.append((column, 'DBT_INTERNAL_SOURCE.' ~ column)) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- do return(assignments) -%}
{% endmacro %}

{# a row that would stay as it is is left alone: its file is not written, and a merge that changes nothing commits nothing #}
{% macro default__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
  {%- set header = config.get('sql_header') -%}
  {%- set names = get_quoted_csv(dest_columns | map(attribute='name')) -%}
  {%- set assignments = smelt_merge_assignments(dest_columns) if unique_key or config.get('merge_on_using_columns') else [] -%}
  {%- if header %}{{ header }}
{% endif -%}
merge into {{ target }} as DBT_INTERNAL_DEST
using {{ source }} as DBT_INTERNAL_SOURCE
  {%- if config.get('merge_on_using_columns') %}
using ({{ smelt_list(config.get('merge_on_using_columns')) | join(', ') }})
  {%- else %}
on ({{ smelt_merge_conditions(unique_key, incremental_predicates) | join(') and (') }})
  {%- endif %}
  {%- if config.get('merge_clauses') %}
    {%- for clause in config.get('merge_clauses').get('when_matched', []) %}
{{ smelt_when_matched(clause, dest_columns) }}
    {%- endfor %}
    {%- for clause in config.get('merge_clauses').get('when_not_matched', [{'action': 'insert', 'mode': 'by_name'}]) %}
{{ smelt_when_not_matched(clause, names) }}
    {%- endfor %}
  {%- else %}
    {%- if assignments %}
when matched and (
      {%- for column, expression in assignments %}DBT_INTERNAL_DEST.{{ column }} is distinct from ({{ expression }}){{ ' or ' if not loop.last }}{% endfor -%}
) {%- if config.get('merge_update_condition') %} and ({{ config.get('merge_update_condition') }}){% endif %} then update set
      {%- for column, expression in assignments %} {{ column }} = {{ expression }}{{ ',' if not loop.last }}{% endfor %}
    {%- endif %}
when not matched {%- if config.get('merge_insert_condition') %} and ({{ config.get('merge_insert_condition') }}){% endif %} then insert ({{ names }})
values ({% for column in dest_columns %}DBT_INTERNAL_SOURCE.{{ column.quoted }}{{ ', ' if not loop.last }}{% endfor %})
  {%- endif %}
{%- endmacro %}

{% macro smelt_clause_condition(clause) -%}
  {%- set conditions = smelt_list(clause.get('condition') or []) -%}
  {%- if conditions %} and ({{ conditions | join(') and (') }}){% endif -%}
{%- endmacro %}

{% macro smelt_clause_action(clause) -%}
  {%- if clause.action == 'do_nothing' %}do nothing
  {%- elif clause.action == 'error' %}error {%- if clause.get('error_message') %} '{{ clause.error_message | replace("'", "''") }}'{% endif %}
  {%- else %}{{ clause.action }}{% endif -%}
{%- endmacro %}

{% macro smelt_when_matched(clause, dest_columns) -%}
when matched{{ smelt_clause_condition(clause) }} then {% if clause.action == 'update' -%}
    {%- if clause.get('mode', 'by_name') == 'explicit' -%}
      {%- set update = clause.get('update') or {} -%}
      {%- set expressions = update.get('set_expressions') or {} -%}
      {%- set assignments = [] -%}
      {%- for column, expression in expressions.items() -%}{%- do assignments.append(column ~ ' = ' ~ expression) -%}{%- endfor -%}
      {%- for column in get_merge_update_columns(update.get('include'), update.get('exclude'), dest_columns) if column | replace('"', '') not in expressions -%}
        {%- do assignments.append(column ~ ' = DBT_INTERNAL_SOURCE.' ~ column) -%}
      {%- endfor -%}
update set {{ assignments | join(', ') }}
    {%- else -%}
update set {% for column in dest_columns %}{{ column.quoted }} = DBT_INTERNAL_SOURCE.{{ column.quoted }}{{ ', ' if not loop.last }}{% endfor %}
    {%- endif -%}
  {%- else %}{{ smelt_clause_action(clause) }}{% endif -%}
{%- endmacro %}

{% macro smelt_when_not_matched(clause, names) -%}
when not matched {%- if clause.get('by') %} by {{ clause.by }}{% endif %}{{ smelt_clause_condition(clause) }} then {% if clause.action == 'insert' -%}
    {%- if clause.get('mode', 'by_name') == 'explicit' -%}
insert ({{ clause.insert.columns | join(', ') }}) values ({{ clause.insert['values'] | join(', ') }})
    {%- else -%}
insert ({{ names }}) values ({{ names }})
    {%- endif -%}
  {%- elif clause.action == 'update' -%}
update set {% for column, expression in clause.get('set_expressions', {}).items() %}{{ column }} = {{ expression }}{{ ', ' if not loop.last }}{% endfor %}
  {%- else %}{{ smelt_clause_action(clause) }}{% endif -%}
{%- endmacro %}
