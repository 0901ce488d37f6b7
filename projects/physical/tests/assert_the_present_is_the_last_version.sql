-- The SCD 1 dimensions say what the present versions of the SCD 2 dimensions say.
select p.product_id as key
from {{ ref('dim_products') }} as p
full join (select * from {{ ref('dim_products_history') }} where is_current) as h using (product_id)
where not coalesce(p.is_inferred, false)
  and (
    p.unit_price is distinct from h.unit_price
    or p.unit_cost is distinct from h.unit_cost
    or p.status is distinct from h.status
  )
union all
select c.customer_id
from {{ ref('dim_customers') }} as c
full join (select * from {{ ref('dim_customers_history') }} where is_current) as h using (customer_id)
where not coalesce(c.is_inferred, false)
  and (
    c.segment is distinct from h.segment
    or c.city is distinct from h.city
    or c.country is distinct from h.country
  )
