{{ config(unique_key='id', on_schema_change='fail') }}
select id, amount,
{%- if var('changed', false) %} kind
{%- else %} placed
{%- endif %}
from {{ ref('events') }}
