{{ config(unique_key='id', incremental_strategy='merge', merge_exclude_columns=['kind']) }}
select id, kind || '{{ "!" if is_incremental() else "" }}' as kind, amount + {{ 1 if is_incremental() else 0 }} as amount, placed from {{ ref('events') }}
