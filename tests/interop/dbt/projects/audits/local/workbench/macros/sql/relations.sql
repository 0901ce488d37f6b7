{% macro relations_by_pattern(schema_pattern, table_pattern, exclude='', database=target.database) %}
  {{ return(adapter.dispatch('relations_by_pattern', 'workbench')(schema_pattern, table_pattern, exclude, database)) }}
{% endmacro %}
{% macro default__relations_by_pattern(schema_pattern, table_pattern, exclude='', database=target.database) %}
    {%- call statement('found_tables', fetch_result=True) %}
      select distinct table_schema, table_name,
        {{ workbench.table_type_sql() }}
      from information_schema.tables
      where table_catalog = '{{ database }}' and lower(table_schema) like lower('{{ schema_pattern }}')
        and lower(table_name) like lower('{{ table_pattern }}')
        {% if exclude %}and lower(table_name) not like lower('{{ exclude }}'){% endif %}
      order by 1, 2
    {%- endcall -%}
    {%- set table_list = load_result('found_tables') -%}
    {%- if table_list and table_list['table'] -%}
        {%- set tbl_relations = [] -%}
        {%- for row in table_list['table'] -%}
            {%- set tbl_relation = api.Relation.create(database=database, schema=row.table_schema, identifier=row.table_name, type=row.table_type) -%}
            {%- do tbl_relations.append(tbl_relation) -%}
        {%- endfor -%}
        {{ return(tbl_relations) }}
    {%- else -%}
        {{ return([]) }}
    {%- endif -%}
{% endmacro %}
{% macro table_type_sql() -%}
            case table_type
                when 'BASE TABLE' then 'table'
                else lower(table_type)
            end as table_type
{%- endmacro %}
{% macro relations_by_prefix(schema, prefix, exclude='', database=target.database) %}
  {{ return(workbench.relations_by_pattern(schema_pattern=schema, table_pattern=prefix ~ '%', exclude=exclude, database=database)) }}
{% endmacro %}

{%- macro union_relations(relations, column_override=none, include=[], exclude=[], source_column_name='_source', where=none) -%}
    {%- if exclude and include -%}
        {{ exceptions.raise_compiler_error("Both an exclude and include list were provided") }}
    {%- endif -%}
    {%- if not execute %}{{ return('') }}{% endif -%}
    {%- set column_override = column_override if column_override is not none else {} -%}
    {%- set relation_columns = {} -%}
    {%- set column_superset = {} -%}
    {%- for relation in relations -%}
        {%- do relation_columns.update({relation: []}) -%}
        {%- do workbench._is_relation(relation, 'union_relations') -%}
        {%- do workbench._is_ephemeral(relation, 'union_relations') -%}
        {%- set cols = adapter.get_columns_in_relation(relation) -%}
        {%- for col in cols -%}
            {%- if exclude and col.column | lower in exclude | map('lower') | list -%}
            {%- elif include and col.column not in include -%}
            {%- else -%}
                {%- do relation_columns[relation].append(col.column) -%}
                {%- if col.column in column_superset -%}
                    {%- set stored = column_superset[col.column] -%}
                    {%- if col.is_string() and stored.is_string() and col.string_size() > stored.string_size() -%}
                        {%- do column_superset.update({col.column: col}) -%}
                    {%- endif %}
                {%- else -%}
                    {%- do column_superset.update({col.column: col}) -%}
                {%- endif -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set ordered_column_names = column_superset.keys() -%}
    {%- set command = flags.WHICH if flags.WHICH in ['run', 'build'] else 'other' -%}
    {%- if (include | length > 0 or exclude | length > 0) and not column_superset.keys() -%}
        {{ exceptions.raise_compiler_error("There were no columns found to union for relations " ~ relations | join(', ')) }}
    {%- endif -%}
    {%- for relation in relations %}
        (
            select
                {% if source_column_name is not none %}
                cast({{ dbt.string_literal(relation.identifier) }} as {{ dbt.type_string() }}) as {{ source_column_name }},
                {%- endif %}
                {% for col_name in ordered_column_names -%}
                    {%- set col = column_superset[col_name] %}
                    {%- set col_type = column_override.get(col.column, col.data_type) %}
                    {%- set col_name = adapter.quote(col_name) if col_name in relation_columns[relation] else 'null' %}
                    cast({{ col_name }} as {{ col_type }}) as {{ col.quoted }} {% if not loop.last %},{% endif -%}
                {%- endfor %}
            from {{ relation }}
            {% if where -%}
            where {{ where }}
            {%- endif %}
        )
        {% if not loop.last -%}
            union all
        {% endif -%}
    {%- endfor -%}
{%- endmacro -%}

{% macro filtered_columns(from, except=[]) -%}
    {%- do workbench._is_relation(from, 'filtered_columns') -%}
    {%- if not execute %}{{ return([]) }}{% endif %}
    {%- set include_cols = [] %}
    {%- set except = except | map("lower") | list %}
    {%- for col in adapter.get_columns_in_relation(from) -%}
        {%- if col.column | lower not in except -%}{% do include_cols.append(col.column) %}{%- endif %}
    {%- endfor %}
    {{ return(include_cols) }}
{%- endmacro %}

{% macro star(from, relation_alias=False, except=[], prefix='', suffix='', quote_identifiers=True) -%}
    {% set cols = workbench.filtered_columns(from, except) %}
    {%- if cols | length <= 0 -%}
        {% if flags.WHICH == 'compile' %}*{% else %}{{ return("/* no columns */") }}{% endif %}
    {%- else -%}
    {%- for col in cols %}
        {%- if relation_alias %}{{ relation_alias }}.{% else %}{%- endif -%}
            {%- if quote_identifiers -%}{{ adapter.quote(col) | trim }}{%- if prefix != '' or suffix != '' %} as {{ adapter.quote(prefix ~ col ~ suffix) | trim }}{%- endif -%}
            {%- else -%}{{ col | trim }}{%- if prefix != '' or suffix != '' %} as {{ (prefix ~ col ~ suffix) | trim }}{%- endif -%}{% endif %}
        {%- if not loop.last %},{{ '\n  ' }}{%- endif -%}
    {%- endfor -%}
    {% endif %}
{%- endmacro %}

{% macro column_values(table, column, order_by='count(*) desc', max_records=none, default=none, where=none) -%}
    {% if not execute %}{% set default = [] if not default else default %}{{ return(default) }}{% endif %}
    {%- set target_relation = adapter.get_relation(database=table.database, schema=table.schema, identifier=table.identifier) -%}
    {%- call statement('get_column_values', fetch_result=true) %}
        {%- if not target_relation and default is none -%}
          {{ exceptions.raise_compiler_error("In column_values(): relation " ~ table ~ " does not exist and no default value was provided.") }}
        {%- elif not target_relation and default is not none -%}
          {{ log("Relation " ~ table ~ " does not exist. Returning the default: " ~ default) }}
          {{ return(default) }}
        {%- else -%}
            select {{ column }} as value from {{ target_relation }}
            {% if where is not none %}where {{ where }}{% endif %}
            group by {{ column }}
            order by {{ order_by }}
            {% if max_records is not none %}limit {{ max_records }}{% endif %}
        {% endif %}
    {%- endcall -%}
    {%- set value_list = load_result('get_column_values') -%}
    {%- if value_list and value_list['data'] -%}
        {%- set values = value_list['data'] | map(attribute=0) | list %}
        {{ return(values) }}
    {%- else -%}
        {{ return(default) }}
    {%- endif -%}
{%- endmacro %}
