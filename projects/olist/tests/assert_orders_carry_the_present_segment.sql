-- A segment that changed has reached every order of the customer.
select o.order_id, o.customer_segment, s.customer_segment as present_segment
from {{ ref('orders') }} as o
left join {{ ref('customer_segments') }} as s using (customer_unique_id)
where o.customer_segment is distinct from s.customer_segment
