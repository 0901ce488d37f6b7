{{ workbench.compare_columns(ref('orders_old'), ref('orders_new'), 'id') }}
