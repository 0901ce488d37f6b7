{# ---- running SQL from templates #}

{# `{% call statement('name') %} sql {% endcall %}`: runs the SQL; load_result('name') has what it answered #}
{% macro statement(name=none, fetch_result=false, auto_begin=true, language='sql') -%}
  {%- if execute -%}
    {%- if language != 'sql' -%}
      {%- do exceptions.raise_compiler_error("statement(): '" ~ language ~ "' cannot be run here, only sql") -%}
    {%- endif -%}
    {%- set code = caller() -%}
    {%- if name == 'main' %}{{ write(code) }}{% endif -%}
    {%- set response, table = adapter.execute(code, auto_begin=auto_begin, fetch=fetch_result) -%}
    {%- if name is not none %}{{ store_result(name, response=response, agate_table=table) }}{% endif -%}
  {%- endif -%}
{%- endmacro %}

{# keeps a result without running anything #}
{% macro noop_statement(name=none, message=none, code=none, rows_affected=none, res=none) -%}
  {%- set text = caller() -%}
  {%- if name == 'main' %}{{ write(text) }}{% endif -%}
  {%- if name is not none -%}
    {{ store_raw_result(name, message=message, code=code, rows_affected=rows_affected, agate_table=res) }}
  {%- endif -%}
{%- endmacro %}

{% macro run_query(sql) %}
  {%- call statement('run_query_statement', fetch_result=true, auto_begin=false) %}{{ sql }}{% endcall -%}
  {%- do return(load_result('run_query_statement').table) -%}
{% endmacro %}

{# runs the hooks that belong into the node's transaction, or those that do not #}
{% macro run_hooks(hooks, inside_transaction=true) %}
  {%- for hook in hooks if hook.transaction == inside_transaction -%}
    {%- set text = render(hook.get('sql')) | trim -%}
    {%- if text -%}
      {%- call statement(auto_begin=inside_transaction) %}{{ text }}{% endcall -%}
    {%- endif -%}
  {%- endfor -%}
{% endmacro %}
