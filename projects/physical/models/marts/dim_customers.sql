{{
  config(
    materialized='incremental',
    incremental_strategy='merge',
    unique_key='customer_id',
    post_hook="delete from {{ this }} where is_inferred is null"
  )
}}

-- Names, addresses for mail, telephone numbers and streets stay in silver. Customers that an order names and no file has
-- brought are members, too, and so is 'unknown', for returns of orders that are not there.
with
{% if is_incremental() %}
{% set seen = seen_until() %}
{% endif %}
named as (
  select customer_id, max(loaded_at) as loaded_at
  from {{ ref('stg_orders') }}
  {% if is_incremental() %}
  where loaded_at > {{ seen }}
  {% endif %}
  group by customer_id
  union all
  select 'unknown', to_timestamp(0)
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
  false as is_inferred,
  loaded_at
from {{ ref('stg_customers') }}
{% if is_incremental() %}
where loaded_at > {{ seen }}
{% endif %}
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
  true as is_inferred,
  loaded_at
from named
anti join {{ ref('stg_customers') }} using (customer_id)
{% if is_incremental() %}
union all
-- Inferred members whose orders have come again with another customer.
select * replace (null as is_inferred)
from {{ this }}
anti join {{ ref('stg_orders') }} using (customer_id)
anti join {{ ref('stg_customers') }} using (customer_id)
where is_inferred and customer_id <> 'unknown'
{% endif %}
