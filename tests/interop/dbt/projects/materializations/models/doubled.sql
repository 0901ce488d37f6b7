{{ config(materialized='twice') }}
select 1 as id, 'a' as name, 1.25::decimal(8,3) as price, 0.5::double as ratio, date '2024-01-01' as day
