select id, {{ shout('x') }} as x from {{ ref('first') }}
