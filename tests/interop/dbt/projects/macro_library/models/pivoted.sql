{%- set products = column_values(ref('sales'), 'product', order_by='max(amount) desc') -%}
select region, {{ pivot('product', products, then_value='amount', suffix='_sum') }}
from {{ ref('sales') }} group by region
