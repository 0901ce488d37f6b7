select
    {{ dbt.datediff("'2024-01-01'::date", "'2024-03-05'::date", 'month') }} as months,
    {{ dbt.dateadd('week', 2, "'2024-01-01'::date") }} as later,
    {{ dbt.date_trunc('quarter', "'2024-05-17'::date") }} as quarter,
    {{ dbt.last_day("'2024-02-03'::date", 'month') }} as last_day,
    {{ dbt.split_part("'a|b|c'", "'|'", 2) }} as part, {{ dbt.split_part("'a|b|c'", "'|'", -1) }} as last_part,
    {{ dbt.right("'abcdef'", 2) }} as r, {{ dbt.length("'abc'") }} as len, {{ dbt.position("'b'", "'abc'") }} as pos,
    {{ dbt.replace("'aXa'", "'X'", "'-'") }} as rep, {{ dbt.safe_cast("'12'", api.Column.translate_type('integer')) }} as safe,
    {{ dbt.cast("'7'", dbt.type_int()) }} as seven, {{ dbt.hash("'a'") }} as h, {{ dbt.concat(["'a'", "'b'"]) }} as c,
    {{ dbt.string_literal("it") }} as lit, '{{ dbt.escape_single_quotes("it's") }}' as esc,
    {{ dbt.cast_bool_to_text('true') }} as bool_text, {{ dbt.bool_or('x > 1') }} as any_x, {{ dbt.any_value('1') }} as av,
    {{ dbt.listagg('x', "','", 'order by x') }} as xs, {{ dbt.listagg('x', "'|'", 'order by x desc', 2) }} as first_xs,
    {{ dbt.array_construct(['1', '2']) }} as arr, {{ dbt.array_append(dbt.array_construct(['1']), '3') }} as arr2,
    cast(1 as {{ dbt.type_bigint() }}) as a1, cast(1 as {{ dbt.type_float() }}) as a2, cast(1 as {{ dbt.type_numeric() }}) as a3,
    cast(true as {{ dbt.type_boolean() }}) as a4, cast('2024-01-01' as {{ dbt.type_timestamp() }}) as a5
from (select unnest([1, 2, 3]) as x)
