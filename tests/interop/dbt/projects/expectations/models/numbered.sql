{{ config(materialized='view') }}
select id * 2 as position, station as "Upper Name", {{ expect.shifted_day(var('start_day'), 3) }} as day
from {{ ref('readings') }}
{% if execute %}-- {{ expect.column_names(ref('readings')) | join(' ') }}{% endif %}
