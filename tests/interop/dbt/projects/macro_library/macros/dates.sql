{% macro powers_of_two(upper) %}
    {% if upper <= 0 %}{{ exceptions.raise_compiler_error("upper must be positive") }}{% endif %}
    {% for i in range(1, 100) %}{% if upper <= 2 ** i %}{{ return(i) }}{% endif %}{% endfor %}
{% endmacro %}

{% macro series(upper) %}
    {% set n = powers_of_two(upper) %}
    with p as (select 0 as bit union all select 1), unioned as (
    select
    {% for i in range(n) %}p{{ i }}.bit * power(2, {{ i }}){% if not loop.last %} + {% endif %}{% endfor %} + 1 as number
    from {% for i in range(n) %}p as p{{ i }}{% if not loop.last %} cross join {% endif %}{% endfor %}
    )
    select * from unioned where number <= {{ upper }} order by number
{% endmacro %}

{% macro date_spine(part, start, end) %}
    {%- set length = run_query("select " ~ dbt.datediff(start, end, part) ~ " as n").columns[0].values()[0] if execute else 1 -%}
    with numbers as ({{ series(length) }})
    select cast({{ dbt.dateadd(part, "cast(number as integer) - 1", start) }} as date) as day from numbers
{% endmacro %}
