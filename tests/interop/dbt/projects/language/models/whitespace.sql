{# a comment #}
{% if true %}
select 1 as a
{% endif %}

  {%- if true +%}
    , 2 as b
  {% endif -%}

  , 3 as c {{- ' , 4 as d' -}}   , 5 as e
{% for x in ['f', 'g'] -%}
, '{{ x }}' as {{ x }}
{%- endfor %}
-- {{ "ends" }}

