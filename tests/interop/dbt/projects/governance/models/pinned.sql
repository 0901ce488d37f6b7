select '{{ ref("ledger") }}' as latest, '{{ ref("ledger", v=1) }}' as first, '{{ ref("governance", "ledger", version=3) }}' as preview
