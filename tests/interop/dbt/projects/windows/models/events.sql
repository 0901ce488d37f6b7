{{ config(event_time='happened') }}
select id, happened, id * 10 as n from {{ source('raw', 'visits') }}
