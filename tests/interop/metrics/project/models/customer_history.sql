-- The segment of a customer changes every 200 days.
select
  c as customer_id,
  ['new', 'steady', 'loyal', 'loyal'][1 + v] || ' ' || c % 2 as segment,
  timestamp '2023-01-01' + v * interval 200 day as valid_from,
  case when v = 3 then null else timestamp '2023-01-01' + (v + 1) * interval 200 day end as valid_to
from range(1, 21) as t(c), range(4) as u(v)
