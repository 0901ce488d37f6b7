{{ config(alias='select', schema='group') }}
select "select", "Ünïcode" from {{ ref('WithSpaces') }}
