select 'keyed' as model, count(*) as n from {{ ref('keyed') }}
union all
select 'merged', count(*) from {{ ref('merged') }}
