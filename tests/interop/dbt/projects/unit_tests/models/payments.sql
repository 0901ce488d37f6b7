select 1 as id, 10.5::decimal(10,2) as amount, date '2024-01-01' as day, 'x' as note
