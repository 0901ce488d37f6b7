{{ config(unique_key='id') }}
select *, {{ 'true' if is_incremental() else 'false' }} as later from {{ ref('events') }}
{% if is_incremental() %} where id >= 2 {% endif %}
