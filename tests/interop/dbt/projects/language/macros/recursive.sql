{% macro factorial(n) %}{% if n <= 1 %}{{ return(1) }}{% endif %}{{ return(n * factorial(n - 1)) }}{% endmacro %}
{% macro flatten(items) %}
    {%- set out = [] -%}
    {%- for i in items -%}
        {%- if i is iterable and i is not string and i is not mapping -%}{%- for j in flatten(i) -%}{%- do out.append(j) -%}{%- endfor -%}{%- else -%}{%- do out.append(i) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(out) }}
{% endmacro %}
{% macro wrap(before, after='>') -%}{{ before }}{{ caller('in') if caller }}{{ after }}{{ varargs | length }}{{ kwargs }}{%- endmacro %}
