{{ delivery_sla('customer_state', ref('orders')) }}
