-- Names, addresses for mail, telephone numbers and streets stay in silver. Customers that an order names and no file has
-- brought are members, too, and so is 'unknown', for returns of orders that are not there.
with named as (
  select customer_id from {{ ref('stg_orders') }}
  union
  select 'unknown'
)

select
  customer_id,
  email_domain,
  postal_code,
  city,
  state,
  country,
  segment,
  registered_on,
  date_trunc('month', registered_on)::date as registration_month,
  marketing_consent,
  updated_at,
  false as is_inferred
from {{ ref('stg_customers') }}
union all
select
  customer_id,
  null as email_domain,
  null as postal_code,
  null as city,
  null as state,
  'unknown' as country,
  'unknown' as segment,
  null as registered_on,
  null as registration_month,
  false as marketing_consent,
  null as updated_at,
  true as is_inferred
from named
anti join {{ ref('stg_customers') }} using (customer_id)
