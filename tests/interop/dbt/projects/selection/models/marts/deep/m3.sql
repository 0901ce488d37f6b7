{{ config(enabled=var('m3', true), materialized='incremental') }}
select id, {{ mac() }} as k from {{ ref('m2') }}
