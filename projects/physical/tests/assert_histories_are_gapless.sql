-- Per key of a history: one present version, and each version ends where the next begins.
with
versions as (
  select 'products' as history, product_id as key, valid_from, valid_to, is_current from {{ ref('dim_products_history') }}
  union all
  select 'customers', customer_id, valid_from, valid_to, is_current from {{ ref('dim_customers_history') }}
),

followed as (
  select *, lead(valid_from) over (partition by history, key order by valid_from) as next_from
  from versions
)

select history, key, valid_from, valid_to, next_from
from followed
where valid_to is distinct from next_from or valid_to <= valid_from or is_current <> (next_from is null)
