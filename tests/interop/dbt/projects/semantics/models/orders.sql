select 1 as order_id, 2 as customer_id, date '2024-01-02' as ordered_at, 10.5 as amount, true as is_new
