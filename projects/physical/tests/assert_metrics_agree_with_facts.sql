-- The three views and the facts tell the same sales, refunds and waste.
with
facts as (
  select
    (select sum(line_total) from {{ ref('fact_sales') }} where not is_cancelled) as net_sales,
    (select sum(quantity) from {{ ref('fact_sales') }} where not is_cancelled) as units,
    (select sum(refund_amount) from {{ ref('fact_returns') }}) as refund_amount,
    (select sum(cost) from {{ ref('fact_waste') }}) as waste_cost
),

views as (
  select
    'sales' as name,
    sum(net_sales) as net_sales,
    sum(units) as units,
    sum(refund_amount) as refund_amount,
    null as waste_cost
  from {{ ref('metrics_sales_performance') }}
  union all
  select 'products', sum(net_sales), sum(units), sum(refund_amount), sum(waste_cost)
  from {{ ref('metrics_product_performance') }}
  union all
  -- The refunds of customers who are not known are left out there.
  select 'customers', sum(net_sales), sum(units), null, null
  from {{ ref('metrics_customer_analytics') }}
)

select v.*
from views as v, facts as f
where v.net_sales is distinct from f.net_sales
  or v.units is distinct from f.units
  or v.refund_amount <> f.refund_amount
  or v.waste_cost <> f.waste_cost
