-- Rows that wait for the order or product that they belong to.
{%- set tables = tables_there('held') %}
{%- for table in tables %}
select '{{ table }}' as table_name, missing, source_file, source_line, held_since
from held.{{ table }}
{%- if not loop.last %} union all {%- endif %}
{%- else %}
select null::varchar as table_name, null::varchar as missing, null::varchar as source_file, null::bigint as source_line,
  null::timestamptz as held_since
where false
{%- endfor %}
