-- A few lines in quarantine are no reason to stop; when more than one order in twenty misses some, the files are wrong.
select count(*) as orders, count(*) filter (where not is_complete) as incomplete
from {{ ref('int_order_totals') }}
having count(*) filter (where not is_complete) > 0.05 * count(*)
