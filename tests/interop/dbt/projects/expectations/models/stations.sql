select station, count(*) as n, max(id) as last_id from {{ ref('readings') }} group by station
