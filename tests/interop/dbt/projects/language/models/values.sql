{%- set ns = namespace(total=0, names=[]) -%}
{%- for name, n in {'x': 1, 'y': 2, 'z': 3}.items() if n != 2 -%}
  {%- set ns.total = ns.total + n -%}{%- do ns.names.append(name ~ loop.index ~ loop.index0 ~ loop.revindex ~ loop.first ~ loop.last ~ loop.length) -%}
{%- else -%}never{%- endfor -%}
{%- set block -%}
  captured {{ 1 + 1 }}
{%- endset -%}
select
    {{ ns.total }} as total, $q${{ ns.names | join(" ") }}' as names, '{{ block }}$q$ as block,
    $q${% call(x) wrap("<", z=1) %}{{ x }}{% endcall %}$q$ as called,
    $q${{ "a,b,,c".split(",") | reject("equalto", "") | list | tojson }}$q$ as split,
    $q${{ "%05.2f|%s|%-4s|%d" | format(3.14159, none, "ab", 7) }} {{ "{:>6}|{:,}|{!r}|{a:.1%}".format("x", 1234567, "q", a=0.256).replace("'", "") }}$q$ as formats,
    $q${{ [3, 1, 2] | sort(reverse=true) }} {{ (1, 2) }} {{ {"k": (1,)} }} {{ 7 // 2 }} {{ 7 / 2 }} {{ -7 % 3 }} {{ 2 ** 10 }} {{ 1e3 }} {{ 10 | float }} {{ "3.7" | float | round | int }}$q$ as python,
    $q${{ "abcdef"[1:-1:2] }} {{ [1, 2, 3][::-1] }} {{ "x" in "xyz" and not ("q" in ["a"]) }} {{ 1 if false }} {{ none is none }} {{ undefined_name is defined }}$q$ as slices,
    $q${% filter upper %}shout {{ "it" }}{% endfilter %} {% raw %}{{ raw }}{% endraw %} {{ "a" "b" ~ 1 }}$q$ as filters,
    $q${{ [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}] | selectattr("a", "gt", 1) | map(attribute="b") | first }} {{ [1, 2, 3, 4, 5] | batch(2) | list }} {{ {"b": 1, "a": 2} | dictsort }}$q$ as sequences,
    $q${{ "Title case here" | title }} {{ "  pad " | trim }} {{ "abc" | replace("b", "") }} {{ "x" * 3 }} {{ "a b" | capitalize }} {{ "long text" | truncate(6) }} {{ "ab" | center(6) }}|$q$ as text,
    $q${{ [1, [2, 3]] | sum(start=0) if false else [1, 2] | sum }} {{ [1, 1, 2] | unique | list }} {{ ["a", "b"] | last }} {{ "abc" | list }} {{ none | default("d", true) }} {{ range(2, 10, 3) | list }} {{ [1, 2, 3] | max }} {{ 3.0 }} {{ 1_000 }}$q$ as others,
    $q${{ "5" | as_number if false else 5 }} {{ "true" | as_bool }} {{ as_text if false }} {{ "%s" % "p" }} {{ "%s-%s" % (1, 2) }} {{ true and 1 }} {{ 0 or "b" }} {{ not 0 }} {{ 1 < 2 < 3 }}$q$ as natives,
    $q${%- for g in [{"k": "a", "v": 1}, {"k": "b", "v": 2}, {"k": "a", "v": 3}] | groupby("k") %}{{ g.grouper }}{{ g.list | map(attribute="v") | list }}{% endfor %}{% for i in range(5) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 3 %}{% break %}{% endif %}{{ i }}{{ loop.cycle("o", "e") }}{% endfor %}$q$ as loops
