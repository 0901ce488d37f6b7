{{ config(materialized='incremental', unique_key='id', post_hook="select 1") }}
select id, count(*) as n from {{ ref('first') }} group by id
