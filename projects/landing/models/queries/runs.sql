-- The metrics of every run that loaded something: rows, error rate, score, and how long files have waited.
with
  rows_of as (
    select
      run_id,
      min(loaded_at) as begun_at,
      max(loaded_at) as loaded_at,
      sum(rows_in) as records_processed,
      sum(rows_merged) as records_merged,
      sum(rows_duplicate) as duplicates,
      sum(rows_quarantined + rows_given_up) as rejected,
      sum(rows_held) as held,
      sum(rows_released) as released
    from {{ ref('loads') }}
    group by run_id
  ),

  files_of as (
    select run_id, count(*) as files, sum(bytes) as bytes, min(arrived_at) as first_arrived_at
    from {{ ref('files') }}
    group by run_id
  )

select
  run_id,
  loaded_at,
  coalesce(files, 0) as files,
  coalesce(bytes, 0) as bytes,
  records_processed,
  records_merged,
  duplicates,
  rejected,
  held,
  released,
  rejected / nullif(records_processed, 0)::double as error_rate,
  round(100 * (1 - rejected / nullif(records_processed, 0)::double), 2) as quality_score,
  date_diff('second', first_arrived_at, loaded_at) as delay_seconds
from rows_of
left join files_of using (run_id)
