{% macro audits__slug_replacement() %}_{% endmacro %}

{% macro list_models(model_names, upstream=false) %}{{ return(workbench.model_yaml(model_names, upstream_descriptions=upstream)) }}{% endmacro %}
{% macro list_sources(schema_name, generate_columns=false, exclude='') %}
  {% do return(workbench.source_yaml(schema_name, generate_columns=generate_columns, exclude=exclude)) %}
{% endmacro %}
{% macro base_model(source_name, table_name) %}{{ workbench.base_model(source_name, table_name, leading_commas=false, materialized='view') }}{% endmacro %}

{% macro print_comparison(a, b, keys) %}
  {% set old, new = ref(a), ref(b) %}
  {% set query %}
    select count(*) filter (where n.id is null) as gone, count(*) filter (where o.id is null) as fresh
    from {{ old }} as o full join {{ new }} as n using ({{ keys | join(', ') }})
  {% endset %}
  {% if execute %}
    {% set results = run_query(query) %}
    {% do log('gone ' ~ results.columns['gone'][0] ~ ' fresh ' ~ results.columns[1].values()[0], info=true) %}
    {% do log(tojson(results.rows[0].dict()), info=True) %}
    {% do log(results.column_names | join('|') ~ ' ' ~ results.rows | length, info=True) %}
  {% endif %}
{% endmacro %}
