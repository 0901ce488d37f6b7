-- Everybody orders in month 0, and nobody leaves a cohort that he is not in.
select cohort_month, months_since_first, retention_rate
from {{ ref('cohort_retention') }}
where retention_rate not between 0 and 1
  or months_since_first < 0
  or (months_since_first = 0 and retention_rate <> 1)
