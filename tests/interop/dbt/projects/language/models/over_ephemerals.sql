with a as (select * from {{ ref('ephemeral_two') }}), b as (select * from {{ ref('ephemeral_one') }})
select a.id as a, b.id as b from a cross join b
