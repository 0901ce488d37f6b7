select * from {{ ref('m3') }} where id < 0
