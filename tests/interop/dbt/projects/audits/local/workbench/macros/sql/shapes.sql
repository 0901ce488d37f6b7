{% macro pivot(column, values, alias=True, agg='sum', cmp='=', prefix='', suffix='', then_value=1, else_value=0, quote_identifiers=True, distinct=False) %}
  {% for value in values %}
    {{ agg }}(
      {% if distinct %} distinct {% endif %}
      case
      when {{ column }} {{ cmp }} '{{ dbt.escape_single_quotes(value) }}'
        then {{ then_value }}
      else {{ else_value }}
      end
    )
    {% if alias %}
      {% if quote_identifiers %}
            as {{ adapter.quote(prefix ~ value ~ suffix) }}
      {% else %}
        as {{ workbench.slugify(prefix ~ value ~ suffix) }}
      {% endif %}
    {% endif %}
    {% if not loop.last %},{% endif %}
  {% endfor %}
{% endmacro %}

{% macro unpivot(relation=none, cast_to='varchar', exclude=none, remove=none, field_name='field_name', value_name='value', quote_identifiers=False) -%}
    {% if not relation %}{{ exceptions.raise_compiler_error("Error: argument `relation` is required for `unpivot` macro.") }}{% endif %}
  {%- set exclude = exclude if exclude is not none else [] %}
  {%- set remove = remove if remove is not none else [] %}
  {%- set include_cols = [] %}
  {%- set table_columns = {} %}
  {%- do table_columns.update({relation: []}) %}
  {%- for col in adapter.get_columns_in_relation(relation) -%}
    {%- if col.column.lower() not in remove | map('lower') and col.column.lower() not in exclude | map('lower') -%}
      {% do include_cols.append(col) %}
    {%- endif %}
  {%- endfor %}
  {%- for col in include_cols -%}
    {%- set current = adapter.quote(col.column) if quote_identifiers else col.column -%}
    select
      {%- for exclude_col in exclude %}
        {{ exclude_col }},
      {%- endfor %}
      cast('{{ col.column }}' as {{ dbt.type_string() }}) as {{ field_name }},
      cast(  {% if col.data_type == 'boolean' -%}
              {{ dbt.cast_bool_to_text(current) }}
             {%- else -%}
              {{ current }}
             {%- endif %}
           as {{ cast_to }}) as {{ value_name }}
    from {{ relation }}
    {% if not loop.last -%}
      union all
    {% endif -%}
  {%- endfor -%}
{%- endmacro %}

{%- macro deduplicate(relation, partition_by, order_by) -%}
    with row_numbered as (
        select _inner.*, row_number() over (partition by {{ partition_by }} order by {{ order_by }}) as rn
        from {{ relation }} as _inner
    )
    select distinct data.*
    from {{ relation }} as data
    natural join row_numbered
    where row_numbered.rn = 1
{%- endmacro -%}

{%- macro surrogate_key(field_list) -%}
    {%- set default_null_value = '_null_' if not var('as_empty', False) else '' -%}
    {%- set fields = [] -%}
    {%- for field in field_list -%}
        {%- do fields.append("coalesce(cast(" ~ field ~ " as " ~ dbt.type_string() ~ "), '" ~ default_null_value ~"')") -%}
        {%- if not loop.last %}{%- do fields.append("'-'") -%}{%- endif -%}
    {%- endfor -%}
    {{ dbt.hash(dbt.concat(fields)) }}
{%- endmacro -%}

{% macro nullcheck(cols) %}
{%- for col in cols %}
    nullif({{ col }}::varchar, '') as {{ col }}
{%- if not loop.last %} , {% endif -%}
{%- endfor -%}
{% endmacro %}

{%- macro group_by(n) -%}
  group by {% for i in range(1, n + 1) -%}
      {{ i }}{{ ',' if not loop.last }}
   {%- endfor -%}
{%- endmacro -%}

{%- macro safe_add(field_list) -%}
{%- if field_list is not iterable or field_list is string or field_list is mapping -%}
{%- do exceptions.raise_compiler_error("Must pass an iterable") -%}
{%- endif -%}
{% set fields = [] %}
{%- for field in field_list -%}{% do fields.append("coalesce(" ~ field ~ ", 0)") %}{%- endfor -%}
{{ fields|join(' +\n  ') }}
{%- endmacro -%}
{%- macro safe_subtract(field_list) -%}
{% set fields = [] %}
{%- for field in field_list -%}{% do fields.append("coalesce(" ~ field ~ ", 0)") %}{%- endfor -%}
{{ fields|join(' -\n  ') }}
{%- endmacro -%}
{% macro safe_divide(numerator, denominator) -%}
    ( {{ numerator }} ) / nullif( ( {{ denominator }} ), 0)
{%- endmacro %}

{% macro width_bucket(expr, min_value, max_value, num_buckets) -%}
    {% set bin_size -%}(( {{ max_value }} - {{ min_value }} ) / {{ num_buckets }} ){%- endset %}
    (
        case when mod({{ dbt.safe_cast(expr, dbt.type_numeric()) }}, {{ dbt.safe_cast(bin_size, dbt.type_numeric()) }}) = 0 then 1 else 0 end
    ) +
      least(greatest(ceil(({{ expr }} - {{ min_value }}) / {{ bin_size }}), 0), {{ num_buckets }} + 1)
{%- endmacro %}

{%- macro degrees_to_radians(degrees) -%}acos(-1) * {{ degrees }} / 180{%- endmacro -%}
{% macro haversine(lat1, lon1, lat2, lon2, unit='mi') -%}
{%- if unit == 'mi' %}{% set conversion_rate = 1 %}
{% elif unit == 'km' %}{% set conversion_rate = 1.60934 %}
{% else %}{{ exceptions.raise_compiler_error("unit input must be one of 'mi' or 'km'. Got " ~ unit) }}
{% endif %}
    round(2 * 3961 * asin(sqrt(pow(sin((radians({{ lat2 }}) - radians({{ lat1 }})) / 2), 2) +
    cos(radians({{ lat1 }})) * cos(radians({{ lat2 }})) * pow(sin(({{ workbench.degrees_to_radians(lon2) }} - {{ workbench.degrees_to_radians(lon1) }}) / 2), 2))) * {{ conversion_rate }}, 3)
{%- endmacro %}

{% macro powers_of_two(upper_bound) %}
    {% if upper_bound <= 0 %}{{ exceptions.raise_compiler_error("upper bound must be positive") }}{% endif %}
    {% for _ in range(1, 100) %}
       {% if upper_bound <= 2 ** loop.index %}{{ return(loop.index) }}{% endif %}
    {% endfor %}
{% endmacro %}
{% macro generate_series(upper_bound) %}
    {% set n = workbench.powers_of_two(upper_bound) %}
    with p as (select 0 as generated_number union all select 1),
    unioned as (
    select
    {% for i in range(n) %}
    p{{ i }}.generated_number * power(2, {{ i }})
    {% if not loop.last %} + {% endif %}
    {% endfor %}
    + 1 as generated_number
    from
    {% for i in range(n) %}
    p as p{{ i }}
    {% if not loop.last %} cross join {% endif %}
    {% endfor %}
    )
    select * from unioned where generated_number <= {{ upper_bound }} order by generated_number
{% endmacro %}
{% macro intervals_between(start_date, end_date, datepart) -%}
    {%- call statement('get_intervals_between', fetch_result=True) %}
        select {{ dbt.datediff(start_date, end_date, datepart) }}
    {%- endcall -%}
    {%- set value_list = load_result('get_intervals_between') -%}
    {%- if value_list and value_list['data'] -%}
        {%- set values = value_list['data'] | map(attribute=0) | list %}
        {{ return(values[0]) }}
    {%- else -%}{{ return(1) }}{%- endif -%}
{%- endmacro %}
{% macro date_spine(datepart, start_date, end_date) %}
with rawdata as ({{ workbench.generate_series(workbench.intervals_between(start_date, end_date, datepart)) }}),
all_periods as (
    select ({{ dbt.dateadd(datepart, "row_number() over (order by generated_number) - 1", start_date) }}) as date_{{ datepart }} from rawdata
),
filtered as (select * from all_periods where date_{{ datepart }} <= {{ end_date }})
select * from filtered
{% endmacro %}
