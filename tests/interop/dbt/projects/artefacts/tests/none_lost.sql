select 1 where (select count(*) from {{ ref('second', v=1) }}) < 2
