{%- macro _is_relation(arg, macro) -%}
    {%- if execute and arg.name is none -%}
        {%- do exceptions.raise_compiler_error("Macro " ~ macro ~ " expected a Relation but received the value: " ~ arg) -%}
    {%- endif -%}
{%- endmacro -%}

{%- macro _is_ephemeral(obj, macro) -%}
    {%- if obj.is_cte -%}
        {% set shown = api.Relation.add_ephemeral_prefix(obj.name) %}
        {% if obj.name.startswith(shown) %}{% set model_name = obj.name[(shown|length):] %}{% else %}{% set model_name = obj.name %}{% endif %}
        {% do exceptions.raise_compiler_error("The `" ~ macro ~ "` macro cannot be used with ephemeral models: " ~ model_name) %}
    {%- endif -%}
{%- endmacro -%}

{% macro log_info(message) %}{{ return(adapter.dispatch('log_info', 'workbench')(message)) }}{% endmacro %}
{% macro default__log_info(message) %}{{ log(workbench.pretty_log_format(message), info=True) }}{% endmacro %}
{% macro pretty_log_format(message) %}{{ return('+ ' ~ message) }}{% endmacro %}
{% macro pretty_time(format='%H:%M:%S') %}{{ return(modules.datetime.datetime.now().strftime(format)) }}{% endmacro %}
{% macro fail_loudly() %}{% do run_query("select * from no_such_table_anywhere") %}{% endmacro %}

{% macro slugify(string) %}
{% if not string %}{{ return('') }}{% endif %}
{% set string = string | lower %}
{% set string = modules.re.sub('[ -]+', workbench.slug_replacement() | trim, string) %}
{% set string = modules.re.sub('[^a-z0-9_]+', '', string) %}
{% set string = modules.re.sub('^([0-9])', '_\\1', string) %}
{{ return(string) }}
{% endmacro %}
{% macro slug_replacement() %}{{ adapter.dispatch('slug_replacement', 'workbench')() }}{% endmacro %}
{% macro default__slug_replacement() %}-{% endmacro %}
