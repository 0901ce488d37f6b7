-- To the cent: what fact_sales has of an order, lines and shipping, is the total of its header less the lines that are
-- missing, and no order with a line is missing.
with sales as (
  select order_id, sum(line_total) + sum(shipping_amount) as total
  from {{ ref('fact_sales') }}
  group by order_id
)

select order_id, s.total, t.order_total, t.missing_amount
from {{ ref('int_order_totals') }} as t
full join sales as s using (order_id)
where (t.lines > 0 or s.total is not null)
  and s.total is distinct from t.order_total - t.missing_amount
