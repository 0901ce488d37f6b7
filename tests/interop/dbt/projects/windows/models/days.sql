{{ config(materialized='ephemeral', event_time='happened') }}
select id, happened from {{ ref('events') }}
