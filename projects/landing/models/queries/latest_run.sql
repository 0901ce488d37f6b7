-- The newest run, which suites/latest_run_queries.yml judges: it warns of a low score and of files that were late.
select *
from {{ ref('runs') }}
order by loaded_at desc
limit 1
