{% macro star(from, except=[], relation_alias=none, prefix='') -%}
    {%- if not execute %}{{ return('*') }}{% endif -%}
    {%- set skipped = except | map('lower') | list -%}
    {%- set names = [] -%}
    {%- for column in adapter.get_columns_in_relation(from) if column.name | lower not in skipped -%}
        {%- do names.append(column.name) -%}
    {%- endfor -%}
    {%- for name in names %}
    {% if relation_alias %}{{ relation_alias }}.{% endif %}{{ adapter.quote(name) }}{% if prefix %} as {{ adapter.quote(prefix ~ name) }}{% endif %}{{ "," if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro column_values(table, column, order_by='count(*) desc', default=[]) -%}
    {%- if not execute -%}{{ return(default) }}{%- endif -%}
    {%- call statement('values_of', fetch_result=true) %}
        select {{ column }} as value from {{ table }} group by {{ column }} order by {{ order_by }}, 1
    {%- endcall -%}
    {%- set found = load_result('values_of') -%}
    {{ return(found['data'] | map(attribute=0) | list if found['data'] else default) }}
{%- endmacro %}

{% macro pivot(column, values, agg='sum', then_value=1, else_value=0, prefix='', suffix='', quote=true) -%}
    {%- for value in values %}
    {{ agg }}(case when {{ column }} = '{{ value | replace("'", "''") }}' then {{ then_value }} else {{ else_value }} end) as {% if quote %}{{ adapter.quote(prefix ~ value ~ suffix) }}{% else %}{{ prefix ~ value ~ suffix }}{% endif %}{% if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}

{% macro unpivot(relation, keep=[], remove=[], field_name='field', value_name='value', as_type=none) -%}
    {%- set type = as_type or dbt.type_string() -%}
    {%- set all_columns = adapter.get_columns_in_relation(relation) -%}
    {%- set chosen = [] -%}
    {%- for c in all_columns if c.column not in keep + remove -%}{%- do chosen.append(c) -%}{%- endfor -%}
    {%- for c in chosen %}
    select {% for k in keep %}{{ k }}, {% endfor %}'{{ c.column }}' as {{ field_name }}, cast({{ c.quoted }} as {{ type }}) as {{ value_name }}
    from {{ relation }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor -%}
{%- endmacro %}
