select * from {{ ref('missing_on_purpose') }}
