-- An order of status `returned` has a return, which may come sixty days after the order.
{{ config(severity='warn') }}

select order_id
from {{ ref('stg_orders') }}
anti join {{ ref('stg_returns') }} using (order_id)
where status = 'returned' and order_date < (select max(order_date) - 60 from {{ ref('stg_orders') }})
