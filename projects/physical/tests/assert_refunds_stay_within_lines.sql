-- All refunds of a line together are no more than its total, and all pieces no more than were ordered.
select order_id, line_number, sum(refund_amount) as refunded, any_value(line_total) as line_total
from {{ ref('fact_returns') }}
where line_total is not null
group by order_id, line_number
having sum(refund_amount) > any_value(line_total) or sum(quantity) > any_value(ordered_quantity)
