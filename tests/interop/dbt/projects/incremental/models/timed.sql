{{ config(materialized='view', event_time='placed') }}
select id, kind, amount, placed::timestamp as placed from {{ ref('events') }}
