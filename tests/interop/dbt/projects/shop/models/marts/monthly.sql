select placed_month, count(*) as orders, sum(amount) as amount, sum(order_id) as total_ids,
    avg(amount) as average
from {{ ref('stg_orders') }}
{{ dbt_utils_like_group_by(1) }}
order by 1
