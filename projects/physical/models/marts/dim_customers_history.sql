{{ config(materialized='incremental', incremental_strategy='merge', unique_key='customer_version_id') }}

-- A version that has come ends the one before: all versions of its customer are computed again.
with versions as (
  select *
  from {{ ref('customers_history') }}
  {% if is_incremental() %}
  where customer_id in (select customer_id from {{ ref('customers_history') }} where loaded_at > {{ seen_until() }})
  {% endif %}
)

select
  dbt_scd_id as customer_version_id,
  customer_id,
  row_number() over (partition by customer_id order by dbt_valid_from) as version_number,
  postal_code,
  city,
  state,
  country,
  segment,
  marketing_consent,
  -- Nothing is known from before the first version: it holds for all that came earlier.
  case
    when row_number() over (partition by customer_id order by dbt_valid_from) = 1 then timestamp '1900-01-01 00:00:00'
    else dbt_valid_from
  end as valid_from,
  dbt_valid_to as valid_to,
  dbt_valid_to is null as is_current,
  loaded_at
from versions
