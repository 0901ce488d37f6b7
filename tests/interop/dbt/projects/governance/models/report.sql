select *, {{ ref('ledger', version=1).identifier | length }} as l from {{ ref('inner_private') }}
