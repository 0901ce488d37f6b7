{{ config(incremental_strategy='append') }}
select * from {{ ref('events') }}
{% if is_incremental() %}
where placed > (select max(placed) from {{ this }})
{% endif %}
