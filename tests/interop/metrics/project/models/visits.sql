select
  i as visit_id,
  1 + (i * 13) % 20 as customer_id,
  timestamp '2023-01-01' + ((i * 104729) % 365) * interval 1 day + (i % 7) * interval 1 hour as visited_at,
  ['web', 'app'][1 + i % 2] as channel
from range(1, 301) as t(i)
