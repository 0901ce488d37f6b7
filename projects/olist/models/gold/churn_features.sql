-- A heuristic, not a trained model: the probability is a fixed logistic curve whose coefficients are project variables.
with features as (
  select
    customer_unique_id,
    recency_days as days_since_last_purchase,
    orders as frequency,
    revenue,
    revenue::double / orders as average_order_value,
    date_diff('day', first_order_date, last_order_date) as lifetime_days,
    recency_days > {{ var('churn_days') }} as is_churned,
    {{ var('churn_intercept') }}
      + {{ var('churn_per_day') }} * recency_days
      + {{ var('churn_per_further_order') }} * (orders - 1) as churn_score,
    customer_segment
  from {{ ref('customer_segments') }}
)

select
  * exclude (churn_score, customer_segment),
  1 / (1 + exp(-churn_score::double)) as churn_probability,
  customer_segment
from features
