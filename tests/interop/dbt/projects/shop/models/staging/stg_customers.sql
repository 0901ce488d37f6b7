select id as customer_id, name as customer_name, postcode, vip as is_vip, born
from {{ source('raw', 'customers') }}
