select * from {{ ref('ephemeral_two') }}
