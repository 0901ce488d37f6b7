-- depends_on: {{ ref('orders_a') }}
-- depends_on: {{ ref('orders_b') }}
{{ workbench.union_relations(
    relations=workbench.relations_by_pattern('main', 'orders__'),
    exclude=['page'],
    column_override={'extra': 'varchar(9)'},
    where='id is not null'
) }}
