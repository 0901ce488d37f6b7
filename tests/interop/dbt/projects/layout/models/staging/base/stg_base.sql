select code, label, {{ var('depth') }} as depth from {{ ref('codes') }}
