{{ delivery_sla('customer_region', ref('orders')) }}
