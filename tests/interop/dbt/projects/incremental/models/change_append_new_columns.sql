{{ config(unique_key='id', on_schema_change='append_new_columns') }}
select id, amount,
{%- if var('changed', false) %} kind
{%- else %} placed
{%- endif %}
from {{ ref('events') }}
