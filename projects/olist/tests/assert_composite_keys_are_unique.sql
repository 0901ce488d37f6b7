-- The tables whose key has two columns.
select 'silver.order_items' as relation, order_id as part_1, order_item_id::text as part_2
from {{ ref('order_items') }} group by all having count(*) > 1
union all
select 'silver.order_payments', order_id, payment_sequential::text
from {{ ref('order_payments') }} group by all having count(*) > 1
union all
select 'silver.order_reviews', order_id, review_id
from {{ ref('order_reviews') }} group by all having count(*) > 1
union all
select 'gold.fact_sales', order_id, order_item_id::text
from {{ ref('fact_sales') }} group by all having count(*) > 1
union all
select 'gold.fact_payments', order_id, payment_sequential::text
from {{ ref('fact_payments') }} group by all having count(*) > 1
union all
select 'gold.fact_reviews', order_id, review_id
from {{ ref('fact_reviews') }} group by all having count(*) > 1
union all
select 'gold.cohort_retention', cohort_month::text, months_since_first::text
from {{ ref('cohort_retention') }} group by all having count(*) > 1
