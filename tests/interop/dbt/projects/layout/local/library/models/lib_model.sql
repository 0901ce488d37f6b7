{{ config(tags=['lib_file']) }} select {{ var('depth') }} + 0 * {{ var('scale') }} as depth, '{{ var('only_here') }}' as name, '{{ model.tags | sort | join(' ') }}' as tags
