{{ config(materialized='ephemeral') }}
with mine as (select * from {{ ref('ephemeral_one') }})
select id + 1 as id from mine
