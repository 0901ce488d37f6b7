{# ---- data tests: how many rows break the rule, and whether that is too many #}

{% materialization test, default %}
  {%- set relations = [] -%}
  {%- set main_sql = get_limit_subquery_sql(sql, config.get('limit')) if config.get('limit') is not none else sql -%}
  {%- if should_store_failures() -%}
    {%- set kind = config.get('store_failures_as') or 'table' -%}
    {%- if kind not in ['table', 'view'] -%}
      {%- do exceptions.raise_compiler_error("'" ~ kind ~ "' is not a valid value for `store_failures_as`. Accepted values are: ['ephemeral', 'table', 'view']") -%}
    {%- endif -%}
    {%- set target_relation = this.incorporate(type=kind) -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set build_sql = get_create_sql(target_relation, main_sql) -%}
    {{ smelt_make_room(existing, kind, build_sql) }}
    {% call statement() %}{{ build_sql }}{% endcall %}
    {{ adapter.commit() }}
    {%- do relations.append(target_relation) -%}
    {%- set main_sql = 'select * from ' ~ target_relation -%}
  {%- endif -%}
  {% call statement('main', fetch_result=true, auto_begin=false) -%}
    {{ get_test_sql(main_sql, config.get('fail_calc', 'count(*)'), config.get('warn_if', '!= 0'), config.get('error_if', '!= 0'), none) }}
  {%- endcall %}
  {{ return({'relations': relations}) }}
{% endmaterialization %}
