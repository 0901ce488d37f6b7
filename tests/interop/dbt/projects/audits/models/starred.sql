select
  {{ workbench.star(ref('orders_a'), relation_alias='a', except=['PAGE', 'placed'], prefix='old_', suffix='_x') }},
  {{ workbench.star(from=ref('orders_b'), quote_identifiers=false, except=["id"]) | replace('customer', 'b.customer as other_customer') | replace('amount,', 'b.amount as other_amount,') | replace('page', 'b.page as other_page') | replace('placed', 'b.placed as other_placed') }}
from {{ ref('orders_a') }} as a left join {{ ref('orders_b') }} as b on a.id = b.id
