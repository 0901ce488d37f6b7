{{ config(unique_key='customer_id') }}

with latest as (
  {{ latest_rows(
    'customers',
    'customer_id',
    'updated_at desc, ingestion_timestamp desc, first_name, last_name, email, phone, street, postal_code, city, state, '
    ~ 'country, segment, registered_on, marketing_consent'
  ) }}
)

select
  customer_id,
  {{ text('first_name') }} as first_name,
  {{ text('last_name') }} as last_name,
  {{ word('email') }} as email,
  split_part({{ word('email') }}, '@', 2) as email_domain,
  {{ text('phone') }} as phone,
  {{ text('street') }} as street,
  {{ text('postal_code') }} as postal_code,
  {{ place('city') }} as city,
  upper({{ text('state') }}) as state,
  upper(trim(country)) as country,
  {{ word('segment') }} as segment,
  registered_on,
  marketing_consent,
  updated_at,
  ingestion_timestamp as loaded_at
from latest
