-- Days without orders (February 2024), orders without amount, customers that are not on the list, late hours.
with numbers as (
  select i, (i * 7919) % 700 as day_no, (i * 31) % 23 as customer_no from range(1, 401) as t(i)
)

select
  i as order_id,
  case when customer_no in (0, 7) then 1 when customer_no = 22 then null else customer_no end as customer_id,
  timestamp '2023-01-01' + day_no * interval 1 day + (i % 24) * interval 1 hour as ordered_at,
  timestamp '2023-01-03' + day_no * interval 1 day + (i % 5) * interval 1 day as delivered_at,
  ['placed', 'sent', 'returned', 'lost'][1 + i % 4] as status,
  case when i % 41 = 0 then null else ((i * 37) % 500)::double + 0.5 end as amount,
  i % 3 = 0 as is_gift
from numbers
where not (day_no between 396 and 424)
