select {{ star(ref('sales'), except=['EXTRA'], relation_alias='s', prefix='sale_') }} from {{ ref('sales') }} as s
