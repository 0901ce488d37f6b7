{% snapshot orders_snapshot %}
{{ config(target_schema='snapshots', unique_key='id', strategy='timestamp', updated_at='placed_at') }}
select * from {{ source('raw', 'orders') }}
{% endsnapshot %}
