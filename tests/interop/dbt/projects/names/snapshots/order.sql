{% snapshot snap_SHOT %}
{{ config(target_schema='Snap Schema', unique_key='"col 0"', strategy='check', check_cols=['"col 1"', '"col 2"']) }}
select "col 0", "col 1", "col 2" from {{ ref('wide') }}
{% endsnapshot %}
