{% snapshot checked %}
{{ config(target_schema='history', unique_key='id', strategy='check', check_cols=['name', 'city']) }}
select * from {{ ref('people') }}
{% endsnapshot %}
{% snapshot checked_all %}
{{ config(target_schema='history', unique_key="id || '-' || name", strategy='check', check_cols='all') }}
select id, name, city from {{ ref('people') }}
{% endsnapshot %}
