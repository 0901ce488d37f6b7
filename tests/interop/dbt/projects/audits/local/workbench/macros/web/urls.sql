{% macro url_parameter(field, url_parameter) -%}
{%- set formatted_url_parameter = "'" + url_parameter + "='" -%}
{%- set split = dbt.split_part(dbt.split_part(field, formatted_url_parameter, 2), "'&'", 1) -%}
nullif({{ split }},'')
{%- endmacro %}
{% macro url_host(field) -%}
{%- set parsed =
    dbt.split_part(
        dbt.split_part(
            dbt.replace(
                dbt.replace(
                    dbt.replace(field, "'android-app://'", "''"
                    ), "'http://'", "''"
                ), "'https://'", "''"
            ), "'/'", 1
        ), "'?'", 1
    )
-%}
    {{ dbt.safe_cast(parsed, dbt.type_string()) }}
{%- endmacro %}
{% macro url_path(field) -%}
    {%- set stripped_url = dbt.replace(dbt.replace(field, "'http://'", "''"), "'https://'", "''") -%}
    {%- set first_slash_pos -%}
        coalesce(nullif({{ dbt.position("'/'", stripped_url) }}, 0), {{ dbt.position("'?'", stripped_url) }} - 1)
    {%- endset -%}
    {{ dbt.safe_cast(dbt.split_part(dbt.right(stripped_url, dbt.length(stripped_url) ~ "-" ~ first_slash_pos), "'?'", 1), dbt.type_string()) }}
{%- endmacro %}
