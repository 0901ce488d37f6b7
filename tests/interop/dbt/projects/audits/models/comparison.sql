{{ workbench.compare_relations(ref('orders_old'), ref('orders_new'), exclude_columns=['placed'], primary_key='id', summarize=false) }}
