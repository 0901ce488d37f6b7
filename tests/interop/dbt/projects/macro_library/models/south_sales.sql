select * exclude (extra), 1.5::double as weight from {{ ref('sales') }} where region = 'south'
