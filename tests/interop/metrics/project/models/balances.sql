-- What accounts hold at the end of some days; account 3 ends early.
select
  a as account_id,
  1 + a % 4 as customer_id,
  (date '2023-12-01' + (d * 3)::int) as as_of,
  (100 * a + d)::double as balance
from range(1, 7) as t(a), range(40) as u(d)
where not (a = 3 and d > 20)
