select id, name from {{ source('raw', 'rows') }}
