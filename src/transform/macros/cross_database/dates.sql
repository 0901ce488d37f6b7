{# ---- arithmetic with dates, and series of them #}

{% macro date(year, month, day) -%}
  {{ return(adapter.dispatch('date', 'dbt')(year, month, day)) }}
{%- endmacro %}
{% macro duckdb__date(year, month, day) -%}
  make_date({{ year }}, {{ month }}, {{ day }})
{%- endmacro %}
{% macro default__date(year, month, day) -%}
  to_date('{{ modules.datetime.date(year, month, day).isoformat() }}', 'YYYY-MM-DD')
{%- endmacro %}

{% macro date_trunc(datepart, date) -%}
  {{ return(adapter.dispatch('date_trunc', 'dbt')(datepart, date)) }}
{%- endmacro %}
{% macro default__date_trunc(datepart, date) -%}
  date_trunc('{{ datepart }}', {{ date }})
{%- endmacro %}

{% macro dateadd(datepart, interval, from_date_or_timestamp) -%}
  {{ return(adapter.dispatch('dateadd', 'dbt')(datepart, interval, from_date_or_timestamp)) }}
{%- endmacro %}
{% macro duckdb__dateadd(datepart, interval, from_date_or_timestamp) %}

    {# `interval` may be an expression, which an interval literal could not hold #}
    {%- set part = datepart | lower -%}
    {%- set count = 'cast(' ~ interval ~ ' as bigint)' -%}
    {%- if part in ('quarter', 'week') -%}
        {%- set factor, part = (3, 'month') if part == 'quarter' else (7, 'day') -%}
        {%- set count = '(' ~ count ~ ' * ' ~ factor ~ ')' -%}
    {%- endif -%}
    ({{ from_date_or_timestamp }} + {{ count }} * interval 1 {{ part }})
{%- endmacro %}
{% macro default__dateadd(datepart, interval, from_date_or_timestamp) %}

    dateadd(
        {{ datepart }},
        {{ interval }},
        {{ from_date_or_timestamp }}
        )

{% endmacro %}

{# The boundaries of `datepart` between the two; of weeks, those between Saturday and Sunday. #}
{% macro datediff(first_date, second_date, datepart) -%}
  {{ return(adapter.dispatch('datediff', 'dbt')(first_date, second_date, datepart)) }}
{%- endmacro %}
{% macro duckdb__datediff(first_date, second_date, datepart) -%}
    {%- set first_day, second_day = "date_part('dow', (" ~ first_date ~ ")::timestamp)", "date_part('dow', (" ~ second_date ~ ")::timestamp)" -%}
    {% if datepart == 'week' %}
            ({{ datediff(first_date, second_date, 'day') }} // 7 + case
            when {{ first_day }} <= {{ second_day }} then
                case when {{ first_date }} <= {{ second_date }} then 0 else -1 end
            else
                case when {{ first_date }} <= {{ second_date }} then 1 else 0 end
        end)
    {% else %}
        (date_diff('{{ datepart }}', {{ first_date }}::timestamp, {{ second_date }}::timestamp ))
    {% endif %}
{%- endmacro %}
{% macro default__datediff(first_date, second_date, datepart) -%}
    datediff(
        {{ datepart }},
        {{ first_date }},
        {{ second_date }}
        )
{%- endmacro %}

{% macro last_day(date, datepart) -%}
  {{ return(adapter.dispatch('last_day', 'dbt')(date, datepart)) }}
{%- endmacro %}
{% macro default__last_day(date, datepart) -%}
  {{ dbt.default_last_day(date, datepart) }}
{%- endmacro %}
{% macro default_last_day(date, datepart) -%}
    cast(
        {{ dbt.dateadd('day', '-1', dbt.dateadd(datepart, '1', dbt.date_trunc(datepart, date))) }}
        as date)
{%- endmacro %}
{% macro duckdb__last_day(date, datepart) -%}
    {%- if datepart == 'quarter' -%}
    cast(
        {{ dbt.dateadd('day', '-1', dbt.dateadd('month', '3', dbt.date_trunc(datepart, date))) }}
        as date)
    {%- else -%}
    {{ dbt.default_last_day(date, datepart) }}
    {%- endif -%}
{%- endmacro %}

{# How many periods lie between the two, asked of the database; 1 as long as it cannot be asked. #}
{% macro get_intervals_between(start_date, end_date, datepart) -%}
  {{ return(adapter.dispatch('get_intervals_between', 'dbt')(start_date, end_date, datepart)) }}
{%- endmacro %}
{% macro default__get_intervals_between(start_date, end_date, datepart) -%}
  {%- call statement('get_intervals_between', fetch_result=true) %}
    select {{ dbt.datediff(start_date, end_date, datepart) }}
  {%- endcall -%}
  {%- set answer = load_result('get_intervals_between') -%}
  {{ return(answer['data'][0][0] if answer and answer['data'] else 1) }}
{%- endmacro %}

{# The starts of all periods from the first date to the second. #}
{% macro date_spine(datepart, start_date, end_date) -%}
  {{ return(adapter.dispatch('date_spine', 'dbt')(datepart, start_date, end_date)) }}
{%- endmacro %}
{% macro default__date_spine(datepart, start_date, end_date) %}


    {# one number a period #}


    with rawdata as (

        {{ dbt.generate_series(dbt.get_intervals_between(start_date, end_date, datepart)) }}

    ),

    all_periods as (

        select (
            {{ dbt.dateadd(datepart, 'row_number() over (order by 1) - 1', start_date) }}
        ) as date_{{ datepart }}
        from rawdata

    ),

    filtered as (

        select *
        from all_periods
        where date_{{ datepart }} <= {{ end_date }}

    )

    select * from filtered

{% endmacro %}

{% macro generate_series(upper_bound) -%}
  {{ return(adapter.dispatch('generate_series', 'dbt')(upper_bound)) }}
{%- endmacro %}
{% macro duckdb__generate_series(upper_bound) %}
    select
        generate_series as generated_number
    from generate_series(1, {{ upper_bound }})
{% endmacro %}
{# Plain SQL: every number below a power of two is a sum of smaller powers. #}
{% macro default__generate_series(upper_bound) %}
  {%- set bits = range(dbt.get_powers_of_two(upper_bound)) %}
    with bit as (
        select 0 as generated_number union all select 1
    ), numbers as (
        select
            {% for i in bits %}b{{ i }}.generated_number * power(2, {{ i }}) + {% endfor %}1 as generated_number
        from
            {% for i in bits %}bit as b{{ i }}{{ ' cross join ' if not loop.last }}{% endfor %}
    )
    select *
    from numbers
    where generated_number <= {{ upper_bound }}
    order by generated_number
{% endmacro %}

{# The least power of two, at least the first, that reaches `upper_bound`. #}
{% macro get_powers_of_two(upper_bound) -%}
  {{ return(adapter.dispatch('get_powers_of_two', 'dbt')(upper_bound)) }}
{%- endmacro %}
{% macro default__get_powers_of_two(upper_bound) -%}
  {%- if upper_bound <= 0 -%}
    {%- do exceptions.raise_compiler_error('generate_series() needs an upper bound above zero, not ' ~ upper_bound) -%}
  {%- endif -%}
  {%- for power in range(1, 63) if upper_bound <= 2 ** power -%}
    {{ return(power) }}
  {%- endfor -%}
{%- endmacro %}
