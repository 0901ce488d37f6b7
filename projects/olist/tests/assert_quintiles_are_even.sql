-- NTILE(5) puts equally many customers into each quintile, give or take one.
with scores as (
  select 'r' as score, r_score as quintile, count(*) as customers from {{ ref('customer_rfm') }} group by all
  union all
  select 'f', f_score, count(*) from {{ ref('customer_rfm') }} group by all
  union all
  select 'm', m_score, count(*) from {{ ref('customer_rfm') }} group by all
)

select score, min(customers) as smallest, max(customers) as largest
from scores
group by score
having max(customers) - min(customers) > 1
