{# ---- incremental models #}

{% materialization incremental, default %}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set full_refresh = should_full_refresh() or (existing is not none and existing.is_view) -%}
  {%- set on_schema_change = incremental_validate_on_schema_change(config.get('on_schema_change'), default='ignore') -%}
  {%- set strategy = adapter.get_incremental_strategy_macro(context, config.get('incremental_strategy') or 'default') -%}
  {%- set to_drop = [] -%}
  {{ run_hooks(pre_hooks, inside_transaction=false) }}
  {{ run_hooks(pre_hooks, inside_transaction=true) }}
  {%- if existing is none or full_refresh -%}
    {%- set build_sql = get_create_table_as_sql(false, target_relation, sql) -%}
    {{ smelt_make_room(existing, 'table', build_sql) }}
  {%- else -%}
    {%- set temp_relation = make_temp_relation(target_relation) -%}
    {%- call statement('temp') %}{{ get_create_table_as_sql(true, temp_relation, sql) }}{% endcall -%}
    {%- do to_drop.append(temp_relation) -%}
    {%- do adapter.expand_target_column_types(from_relation=temp_relation, to_relation=target_relation) -%}
    {%- set dest_columns = process_schema_changes(on_schema_change, temp_relation, existing) -%}
    {%- if not dest_columns -%}
      {%- set dest_columns = adapter.get_columns_in_relation(existing) -%}
    {%- endif -%}
    {%- set build_sql = strategy({
      'target_relation': target_relation,
      'temp_relation': temp_relation,
      'unique_key': config.get('unique_key'),
      'dest_columns': dest_columns,
      'incremental_predicates': config.get('predicates') or config.get('incremental_predicates')
    }) -%}
  {%- endif -%}
  {% call statement('main') %}{{ build_sql }}{% endcall %}
  {%- for relation in to_drop -%}
    {%- call statement() %}drop table {{ relation }}{% endcall -%}
  {%- endfor -%}
  {%- if existing is none or full_refresh %}{% do create_indexes(target_relation) %}{% endif -%}
  {{ smelt_finish(target_relation, existing, full_refresh) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
