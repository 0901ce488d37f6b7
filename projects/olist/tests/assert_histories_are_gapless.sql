-- Per key of a history: one present version, and each version ends where the next begins.
with
versions as (
  select 'customers' as history, customer_id as key, dbt_valid_from, dbt_valid_to from {{ ref('customers_history') }}
  union all
  select 'products', product_id, dbt_valid_from, dbt_valid_to from {{ ref('products_history') }}
  union all
  select 'sellers', seller_id, dbt_valid_from, dbt_valid_to from {{ ref('sellers_history') }}
),

followed as (
  select *, lead(dbt_valid_from) over (partition by history, key order by dbt_valid_from) as next_from
  from versions
)

select history, key, dbt_valid_from, dbt_valid_to, next_from
from followed
where dbt_valid_to is distinct from next_from or dbt_valid_to <= dbt_valid_from
