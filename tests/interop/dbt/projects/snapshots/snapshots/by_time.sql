{% snapshot by_time %}
{{ config(target_schema='history', unique_key='id', strategy='timestamp', updated_at='updated') }}
select * from {{ ref('people') }}
{% endsnapshot %}
{% snapshot by_time_invalidated %}
{{ config(schema='history', unique_key='id', strategy='timestamp', updated_at='updated', invalidate_hard_deletes=true) }}
select * from {{ ref('people') }}
{% endsnapshot %}
