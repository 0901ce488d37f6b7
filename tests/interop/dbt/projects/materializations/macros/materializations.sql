{% materialization twice, default %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% if existing is not none %}{% do adapter.drop_relation(existing) %}{% endif %}
    {% call statement('main') %}
        create table {{ target_relation }} as (select * from ({{ sql }}) union all select * from ({{ sql }}))
    {% endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% materialization numbered, adapter='duckdb' %}
    {%- set target_relation = api.Relation.create(identifier=this.identifier, schema=this.schema, database=this.database, type='table') -%}
    {%- set old = adapter.get_relation(database=this.database, schema=this.schema, identifier=this.identifier) -%}
    {%- set n = config.require('start') -%}
    {%- set step = config.get('step', default=1) -%}
    {%- if old -%}{%- do drop_relation_if_exists(old) -%}{%- endif -%}
    {%- call statement('main', fetch_result=False) -%}
        {{ create_table_as(False, target_relation, "select *, row_number() over () * " ~ step ~ " + " ~ n ~ " as number from (" ~ sql ~ ")") }}
    {%- endcall -%}
    {% do adapter.commit() %}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% macro describe(relation) %}
    {%- set found = [] -%}
    {%- for c in adapter.get_columns_in_relation(relation) -%}
        {%- do found.append(c.name ~ ':' ~ c.data_type ~ ':' ~ c.dtype ~ ':' ~ c.is_string() ~ c.is_number() ~ c.is_numeric() ~ c.is_integer() ~ c.is_float()) -%}
    {%- endfor -%}
    {{ return(found | join(' ')) }}
{% endmacro %}
