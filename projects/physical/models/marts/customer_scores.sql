-- Quintiles among those who bought: a day with orders moves the recency of all of them, so that the table is made anew.
select
  customer_id,
  date_diff('day', last_order_date, max(last_order_date) over ()) as recency_days,
  ntile(5) over (order by last_order_date, customer_id)::integer as r_score,
  ntile(5) over (order by orders, customer_id)::integer as f_score,
  ntile(5) over (order by net_sales, customer_id)::integer as m_score,
  orders,
  units,
  net_sales,
  first_order_date,
  last_order_date
from {{ ref('sales_by_customer') }}
where orders > 0
