with kept as ({{ workbench.deduplicate(ref('orders_a'), partition_by='id', order_by='placed desc') }})
select * from kept
