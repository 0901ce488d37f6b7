select '{{ var("color") }}' as color, {{ var('depth') }} as depth, {{ toolbox.depth() }} as macro_depth, {{ toolbox.greet('palette') }} as greeting
