{# ---- tables and views #}

{% materialization table, default %}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {{ run_hooks(pre_hooks, inside_transaction=false) }}
  {{ run_hooks(pre_hooks, inside_transaction=true) }}
  {%- set build_sql = get_create_table_as_sql(false, target_relation, sql) -%}
  {{ smelt_make_room(existing, 'table', build_sql) }}
  {% call statement('main') %}{{ build_sql }}{% endcall %}
  {% do create_indexes(target_relation) %}
  {{ smelt_finish(target_relation, existing, true) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% materialization view, default %}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='view') -%}
  {{ run_hooks(pre_hooks, inside_transaction=false) }}
  {{ run_hooks(pre_hooks, inside_transaction=true) }}
  {%- set build_sql = get_create_view_as_sql(target_relation, sql) -%}
  {{ smelt_make_room(existing, 'view', build_sql) }}
  {% call statement('main') %}{{ build_sql }}{% endcall %}
  {{ smelt_finish(target_relation, existing, true) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# a table that every run makes anew #}
{% materialization materialized_view, default %}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {{ run_hooks(pre_hooks, inside_transaction=false) }}
  {{ run_hooks(pre_hooks, inside_transaction=true) }}
  {%- set build_sql = get_create_materialized_view_as_sql(target_relation, sql) -%}
  {{ smelt_make_room(existing, 'table', build_sql) }}
  {% call statement('main') %}{{ build_sql }}{% endcall %}
  {{ smelt_finish(target_relation, existing, true) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
