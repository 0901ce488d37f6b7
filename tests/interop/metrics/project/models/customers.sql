-- Customer 7 has no orders, customer 8 no state.
select
  i as customer_id,
  'customer ' || i as customer_name,
  case when i = 8 then null else ['SP', 'RJ', 'MG'][1 + i % 3] end as state,
  i % 4 as plan_id,
  timestamp '2023-01-01' + i * interval 11 day as signed_up_at
from range(1, 21) as t(i)
