-- To the cent: what fact_sales has of an order, lines and shipping, is the total of its header less the lines that are
-- missing, and no order with a line is missing.
with sales as (
  select order_id, sum(line_total) + sum(shipping_amount) as total
  from {{ ref('fact_sales') }}
  group by order_id
)

select t.order_id, s.total, t.order_total, t.missing_amount
from sales as s
join {{ ref('int_order_totals') }} as t on t.order_id = s.order_id
where s.total is distinct from t.order_total - t.missing_amount
union all
select order_id, null, order_total, missing_amount
from {{ ref('int_order_totals') }}
anti join {{ ref('fact_sales') }} using (order_id)
where lines > 0
union all
select order_id, line_total, null, null
from {{ ref('fact_sales') }}
anti join {{ ref('int_order_totals') }} using (order_id)
