{{ workbench.unpivot(ref('orders_new'), cast_to='varchar', exclude=['id'], remove=['placed'], field_name='what', value_name='how_much') }}
