{{ config(materialized='incremental', unique_key='größe') }}
select 1 as "größe", '日本語' as "名前" from {{ ref('order') }}
