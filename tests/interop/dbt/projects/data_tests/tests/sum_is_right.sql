{{ config(tags=['sums']) }}
select sum(n) as total from {{ ref('numbers') }} having sum(n) != 45
