{{ config(tags='suffixed', schema='area') }}
select {{ toolbox.key(['color', 'depth']) }} as id, {{ toolbox.greet() }} as greeting, {{ toolbox.shout('hey') }} as shout,
    {{ var('depth') }} as depth, {{ toolbox.depth() }} as their_depth, '{{ config.get("meta").owner }}' as owner, cast(1 as {{ type_string() }}) as t
from {{ ref('toolbox', 'palette') }}
