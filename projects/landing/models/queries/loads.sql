{{
  config(
    materialized='incremental',
    incremental_strategy='merge',
    unique_key=['table_name', 'version'],
    meta={'audit': 'every row is a commit of a table'},
  )
}}
-- One row per load of a table: what its log says of it. Kept here for longer than the logs are.
with
  commits as ({{ load_commits() }})

select
  table_name,
  version,
  timestamp as loaded_at,
  smelt->>'run' as run_id,
  json_array_length(smelt->'files')::bigint as files,
  (smelt->>'rows_in')::bigint as rows_in,
  (smelt->>'rows_merged')::bigint as rows_merged,
  (smelt->>'rows_duplicate')::bigint as rows_duplicate,
  (smelt->>'rows_quarantined')::bigint as rows_quarantined,
  (smelt->>'rows_held')::bigint as rows_held,
  (smelt->>'rows_released')::bigint as rows_released,
  (smelt->>'rows_given_up')::bigint as rows_given_up
from commits
{% if is_incremental() %}
where (table_name, version) not in (select (table_name, version) from {{ this }})
{% endif %}
