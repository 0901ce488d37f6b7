{{ config(unique_key='id', incremental_strategy='merge', incremental_predicates=["DBT_INTERNAL_DEST.placed >= date '2024-01-02'"]) }}
select *, {{ is_incremental() | int }} as run from {{ ref('events') }} where id < 4
