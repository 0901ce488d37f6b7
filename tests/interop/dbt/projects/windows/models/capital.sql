{{ config(event_time='When', materialized='view') }}
select id, id as n, happened as "When" from {{ ref('visits') }}
