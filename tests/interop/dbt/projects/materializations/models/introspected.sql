{{ config(materialized='table') }}
{% set relation = ref('doubled') %}
{% set loaded = load_relation(relation) %}
{% set missing = adapter.get_relation(target.database, target.schema, 'not_there') %}
{% set q = run_query('select 1 as a, ' ~ "'x'" ~ ' as b union all select 2, null order by 1') %}
select
    '{{ describe(relation) if execute }}' as columns,
    '{{ loaded.type }} {{ loaded.is_table }} {{ loaded.is_view }} {{ missing is none }}' as kinds,
    '{{ relation.include(database=false) }} {{ relation.quote(schema=false, identifier=false) }} {{ relation.database }}.{{ relation.schema }}.{{ relation.identifier }} {{ relation.name }}' as names,
    {% if execute %}
    '{{ q.column_names | join(",") }} {{ q.columns[0].values() | list }} {{ q.rows | length }} {{ q.columns["b"].values() | list | replace("'", "") }}' as agate,
    '{% for row in q.rows %}{{ row["a"] }}/{{ row.b }}/{{ row[0] }}/{{ row.values() | length }};{% endfor %}' as by_row,
    '{{ q.rows[0].keys() | join }} {{ q.print_table is defined }} {{ q.columns | length }}' as keys,
    '{{ dbt_utils_like_single("select 41 + 1") }}' as single,
    '{{ adapter.get_missing_columns(ref("counted"), relation) | map(attribute="name") | join(",") }}' as missing_columns,
    {% endif %}
    '{{ adapter.quote("a b") }} {{ adapter.type() }} {{ adapter.check_schema_exists(target.database, "nope") }}' as various,
    '{{ api.Column.create("c", "varchar").data_type }} {{ api.Column("d", "decimal", numeric_precision=4, numeric_scale=2).data_type }} {{ api.Column.numeric_type("numeric", 3, 1) }}' as made
-- depends_on: {{ ref('counted') }}
