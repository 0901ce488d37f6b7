{{ union_relations([ref('north_sales'), ref('south_sales')], exclude=['product']) }}
