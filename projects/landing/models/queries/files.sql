{{
  config(
    materialized='incremental',
    incremental_strategy='merge',
    unique_key=['table_name', 'version', 'source_file'],
  )
}}
-- One row per file that was loaded: when it arrived, and when its rows were in the table.
with
  commits as ({{ load_commits() }}),

  files as (
    select table_name, version, timestamp, smelt->>'run' as run_id, unnest(from_json(smelt->'files', '["json"]')) as file
    from commits
  )

select
  table_name,
  version,
  file->>'name' as source_file,
  file->>'hash' as content_hash,
  (file->>'bytes')::bigint as bytes,
  (file->>'arrived')::timestamptz as arrived_at,
  timestamp as loaded_at,
  run_id
from files
{% if is_incremental() %}
where (table_name, version) not in (select (table_name, version) from {{ this }})
{% endif %}
