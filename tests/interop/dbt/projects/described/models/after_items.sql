select order_id from {{ ref('items') }}
