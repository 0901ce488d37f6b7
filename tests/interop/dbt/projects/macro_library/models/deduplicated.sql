select *, {{ surrogate_key(['day', 'region', 'extra']) }} as id from ({{ deduplicate(ref('sales'), 'day, region, product', 'amount') }})
