{%- set customers = workbench.column_values(ref('orders_a'), 'customer', order_by='count(*) desc, customer', default=['nobody'], where='customer is not null') -%}
select id, {{ workbench.pivot('customer', customers, agg='max', then_value='amount', else_value='null', prefix='of_', alias=true) }}
from {{ ref('orders_a') }}
{{ workbench.group_by(1) }}
