{{ config(unique_key='id', incremental_strategy='merge') }}
select *, {{ is_incremental() | int }} as run from {{ ref('events') }}
