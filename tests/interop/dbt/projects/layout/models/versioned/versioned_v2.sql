{{ config(materialized='table') }} select 2 as id, 'v2' as v, {{ this.identifier | length }} as n
