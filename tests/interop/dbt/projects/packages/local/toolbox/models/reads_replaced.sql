select * from {{ ref('replaced') }}
