select 1 as order_id, 7 as customer_id, 10.5 as amount, timestamp '2024-01-01 10:00:00' as ordered_at, 'open' as state
union all select 2, 8, 5, timestamp '2024-01-02 11:00:00', 'done'
