-- Of every load: the rows that were read and those that had waited are merged, refused, repeats, or wait.
select *
from {{ ref('loads') }}
where rows_in + rows_released <> rows_merged + rows_duplicate + rows_quarantined + rows_given_up + rows_held
