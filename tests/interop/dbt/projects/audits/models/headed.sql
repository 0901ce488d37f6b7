{% call set_sql_header(config) %}
create or replace temporary macro twice(x) as x * 2;
{%- endcall %}
select id, twice(id) as two from {{ ref('orders_old') }}
