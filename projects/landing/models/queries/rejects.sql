-- Every row and file that was refused, with the reason, the place and the raw text.
{%- set tables = tables_there('quarantine') %}
{%- for table in tables %}
select '{{ table }}' as table_name, category, rule, column_name, message, source_file, line, raw_text, run_id,
  ingestion_timestamp as rejected_at
from quarantine.{{ table }}
{%- if not loop.last %} union all {%- endif %}
{%- else %}
select null::varchar as table_name, null::varchar as category, null::varchar as rule, null::varchar as column_name,
  null::varchar as message, null::varchar as source_file, null::bigint as line, null::varchar as raw_text,
  null::varchar as run_id, null::timestamptz as rejected_at
where false
{%- endfor %}
