-- A parcel leaves after its order, and something that is returned was ordered before. Clocks of two systems: a warning.
{{ config(severity='warn') }}

select s.shipment_id as id, o.ordered_at, s.shipped_at as happened_at
from {{ ref('stg_shipments') }} as s
join {{ ref('stg_orders') }} as o using (order_id)
where s.shipped_at < o.ordered_at
union all
select r.return_id, o.ordered_at, r.returned_at
from {{ ref('stg_returns') }} as r
join {{ ref('stg_orders') }} as o using (order_id)
where r.returned_at < o.ordered_at
