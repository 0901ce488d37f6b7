{{ config(tags=['daily']) }}
select id from {{ ref('m1') }}
