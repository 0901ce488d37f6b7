{{ config(materialized='table', post_hook="select * from nowhere", tags=['bad']) }}
select 1 as id
