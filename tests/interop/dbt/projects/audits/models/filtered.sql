{%- set columns = workbench.filtered_columns(from=ref('orders_a'), except=["page"]) -%}
select {{ workbench.nullcheck(columns) }}, {{ workbench.surrogate_key(['id', 'customer']) }} as key,
  {{ workbench.safe_add(['id', 'amount']) }} as added, {{ workbench.safe_subtract(['amount', 'id']) }} as taken,
  {{ workbench.safe_divide('amount', 'id - 1') }} as divided,
  {{ workbench.width_bucket('amount', 0, 10, 5) }} as bucket,
  {{ workbench.haversine('0.5', '1.5', 'id', '2', unit='km') }} as far,
  {{ workbench.url_host('page') }} as host, {{ workbench.url_parameter('page', 'utm_source') }} as source, {{ workbench.url_path('page') }} as path
from {{ ref('orders_a') }}
