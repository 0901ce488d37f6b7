select * from {{ ref('lib_model') }}
