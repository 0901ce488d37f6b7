select * from {{ ref('after_bad') }} union all select id from {{ ref('good') }}
