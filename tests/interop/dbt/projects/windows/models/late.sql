with own as (select id from {{ ref('days') }})
select e.id, n, c.name from {{ ref('events') }} as e join own using (id) left join {{ ref('codes') }} as c on c.id = e.id
