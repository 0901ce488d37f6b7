select day, sum(amount)::decimal(12,2) as total, count(*) as n, '{{ env_var("UNIT_MODE", "none") }}' as mode
from {{ ref('base') }} where amount > {{ var('limit') }} {{ only_recent() }} group by day
