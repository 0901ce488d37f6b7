{{ config(materialized='incremental', unique_key='"col 0"', incremental_strategy='merge') }}
select * from {{ ref('wide') }}
