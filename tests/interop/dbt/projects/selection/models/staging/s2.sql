select id from {{ source('src', 'one') }}
