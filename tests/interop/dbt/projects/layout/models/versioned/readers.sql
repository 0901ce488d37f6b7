select v1.v as old, cur.v as latest, p.id from {{ ref('versioned', v=1) }} as v1 cross join {{ ref('versioned') }} as cur cross join {{ ref('versioned', version=3) }} as p
