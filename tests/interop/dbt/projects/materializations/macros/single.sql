{% macro dbt_utils_like_single(query) %}
    {% call statement('single', fetch_result=True, auto_begin=False) %}{{ query }}{% endcall %}
    {% set r = load_result('single') %}
    {{ return(r['data'][0][0] ~ ' ' ~ r.table.rows | length ~ ' ' ~ (r['response'] is not none)) }}
{% endmacro %}
