select 'b' as name, 2 as id, 12.345::decimal(10,2) as amount
