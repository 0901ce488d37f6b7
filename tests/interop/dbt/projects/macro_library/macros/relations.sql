{% macro union_relations(relations, exclude=[], source_column='_source') -%}
    {%- set columns = {} -%}
    {%- if execute -%}
    {%- for relation in relations -%}
        {%- for c in adapter.get_columns_in_relation(relation) if c.name not in exclude -%}
            {%- if c.name not in columns -%}{%- do columns.update({c.name: c}) -%}
            {%- elif c.is_string() and c.string_size() > columns[c.name].string_size() -%}{%- do columns.update({c.name: c}) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- endif -%}
    {%- for relation in relations %}
        {%- set own = adapter.get_columns_in_relation(relation) | map(attribute='name') | list if execute else [] %}
    (
        select
            cast({{ dbt.string_literal(relation.identifier) }} as {{ dbt.type_string() }}) as {{ source_column }}
            {%- for name, c in columns.items() %},
            cast({{ adapter.quote(name) if name in own else 'null' }} as {{ c.data_type }}) as {{ adapter.quote(name) }}
            {%- endfor %}
        from {{ relation }}
    )
    {% if not loop.last %}union all{% endif %}
    {%- endfor -%}
{%- endmacro %}

{% macro relations_like(pattern) -%}
    {%- if not execute -%}{{ return([]) }}{%- endif -%}
    {%- set found = run_query("select table_schema, table_name from information_schema.tables where table_name like '" ~ pattern ~ "' and table_schema = '" ~ target.schema ~ "' order by 2") -%}
    {%- set relations = [] -%}
    {%- for row in found -%}
        {%- do relations.append(api.Relation.create(database=target.database, schema=row['table_schema'], identifier=row.table_name, type='table')) -%}
    {%- endfor -%}
    {{ return(relations) }}
{%- endmacro %}

{% macro deduplicate(relation, partition_by, order_by) -%}
    select * from {{ relation }} qualify row_number() over (partition by {{ partition_by }} order by {{ order_by }}) = 1
{%- endmacro %}

{% macro surrogate_key(fields) -%}
    {%- set parts = [] -%}
    {%- for field in fields -%}
        {%- do parts.append("coalesce(cast(" ~ field ~ " as " ~ dbt.type_string() ~ "), '_null_')") -%}
        {%- if not loop.last %}{%- do parts.append("'-'") -%}{%- endif -%}
    {%- endfor -%}
    {{ dbt.hash(dbt.concat(parts)) }}
{%- endmacro %}
