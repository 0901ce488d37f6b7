{{ config(materialized='table', post_hook="update {{ this }} set amount = amount + 1 where id = 2") }}
select 1 as id, 10 as amount union all select 2, 20
