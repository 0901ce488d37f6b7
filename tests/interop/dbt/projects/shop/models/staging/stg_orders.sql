with source as (
    select * from {{ source('raw', 'orders') }}
),
renamed as (
    select id as order_id, customer_id, status, amount, currency, placed_at,
        {{ dbt.date_trunc('month', 'placed_at') }} as placed_month
    from source
)
select * from renamed
