{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='placed', batch_size='day', begin='2024-01-01') }}
select id, kind, amount, placed::timestamp as placed from {{ ref('timed') }}
