select
  customer_unique_id,
  recency_days,
  orders as frequency,
  revenue as monetary,
  r_score,
  f_score,
  m_score,
  100 * r_score + 10 * f_score + m_score as rfm_score,
  customer_segment
from {{ ref('customer_segments') }}
