{{ config(materialized='numbered', start=100, step=10) }}
select * from {{ ref('doubled') }}
