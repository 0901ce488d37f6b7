{# ---- grants: a lake has none, so applying them changes nothing; the statements are for projects that build on them #}

{% macro apply_grants(relation, grant_config, should_revoke) %}
  {{ return(adapter.dispatch('apply_grants', 'dbt')(relation, grant_config, should_revoke)) }}
{% endmacro %}
{% macro default__apply_grants(relation, grant_config, should_revoke=true) %}
  {% if grant_config %}
    {{ log('grants on ' ~ relation ~ ' are not applied: a lake has none') }}
  {% endif %}
{% endmacro %}

{% macro copy_grants() %}
  {{ return(adapter.dispatch('copy_grants', 'dbt')()) }}
{% endmacro %}
{% macro default__copy_grants() %}
  {{ return(true) }}
{% endmacro %}

{% macro support_multiple_grantees_per_dcl_statement() %}
  {{ return(adapter.dispatch('support_multiple_grantees_per_dcl_statement', 'dbt')()) }}
{% endmacro %}
{% macro default__support_multiple_grantees_per_dcl_statement() %}
  {{ return(true) }}
{% endmacro %}

{# Whether grants of an older relation may have come over to the new one. #}
{% macro should_revoke(existing_relation, full_refresh_mode=true) %}
  {% if not existing_relation %}
    {{ return(false) }}
  {% endif %}
  {{ return(copy_grants() if full_refresh_mode else true) }}
{% endmacro %}

{% macro get_show_grant_sql(relation) %}
  {{ return(adapter.dispatch('get_show_grant_sql', 'dbt')(relation)) }}
{% endmacro %}
{% macro default__get_show_grant_sql(relation) -%}
  show grants on {{ relation.render() }}
{%- endmacro %}
{% macro get_grant_sql(relation, privilege, grantees) %}
  {{ return(adapter.dispatch('get_grant_sql', 'dbt')(relation, privilege, grantees)) }}
{% endmacro %}
{% macro default__get_grant_sql(relation, privilege, grantees) -%}
  grant {{ privilege }} on {{ relation.render() }} to {{ grantees | join(', ') }}
{%- endmacro %}
{% macro get_revoke_sql(relation, privilege, grantees) %}
  {{ return(adapter.dispatch('get_revoke_sql', 'dbt')(relation, privilege, grantees)) }}
{% endmacro %}
{% macro default__get_revoke_sql(relation, privilege, grantees) -%}
  revoke {{ privilege }} on {{ relation.render() }} from {{ grantees | map('tojson') | join(', ') }}
{%- endmacro %}

{# The statements of get_grant_sql or get_revoke_sql for privileges and who has them. #}
{% macro get_dcl_statement_list(relation, grant_config, get_dcl_macro) %}
  {{ return(adapter.dispatch('get_dcl_statement_list', 'dbt')(relation, grant_config, get_dcl_macro)) }}
{% endmacro %}
{% macro default__get_dcl_statement_list(relation, grant_config, get_dcl_macro) %}
  {% set at_once = support_multiple_grantees_per_dcl_statement() %}
  {% set statements = [] %}
  {% for privilege, grantees in grant_config.items() if grantees %}
    {% for some in ([grantees] if at_once else grantees | batch(1)) %}
      {% do statements.append(get_dcl_macro(relation, privilege, some)) %}
    {% endfor %}
  {% endfor %}
  {{ return(statements) }}
{% endmacro %}
{% macro call_dcl_statements(dcl_statement_list) %}
  {{ return(adapter.dispatch('call_dcl_statements', 'dbt')(dcl_statement_list)) }}
{% endmacro %}
{% macro default__call_dcl_statements(dcl_statement_list) %}
  {% call statement('grants') %}
    {{ dcl_statement_list | join(';\n') }}
  {% endcall %}
{% endmacro %}
