select 1 as order_id, 3.5 as price union all select 2, 4
