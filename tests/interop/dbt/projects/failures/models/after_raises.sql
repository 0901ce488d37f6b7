{{ config(materialized='view') }}
select * from {{ ref('raises') }}
