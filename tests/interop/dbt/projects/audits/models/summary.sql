{%- set old_query -%} select * from {{ ref('orders_old') }} {%- endset -%}
{%- set new_query = "select * from " ~ ref('orders_new') -%}
{{ workbench.compare_queries(old_query, new_query, summarize=true) }}
