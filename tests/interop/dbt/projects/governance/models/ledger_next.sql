select 3 as id, 'c' as name, 1.5 as amount, 9 as extra
