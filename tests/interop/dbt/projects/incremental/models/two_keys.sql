{{ config(unique_key=['id', 'kind'], incremental_strategy='delete+insert') }}
select *, '{{ "again" if is_incremental() else "first" }}' as run from {{ ref('events') }}
{% if is_incremental() %} where amount > 15 {% endif %}
