select *, '{{ library.greeting("you") }}' as greeting from {{ ref('library', 'lib_model') }}
union all select *, 'x' from {{ ref('palette') }}
