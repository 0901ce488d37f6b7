{# The named segment of three quintiles, 5 the best; the first rule that holds wins. #}
{% macro rfm_segment(r, f, m) -%}
  case
    when {{ r }} >= 4 and {{ f }} >= 4 and {{ m }} >= 4 then 'champions'
    when {{ r }} >= 3 and {{ f }} >= 4 then 'loyal'
    when {{ r }} >= 3 and {{ m }} >= 4 then 'big_spenders'
    when {{ r }} >= 4 then 'recent'
    when {{ r }} = 3 then 'needs_attention'
    when {{ f }} >= 4 or {{ m }} >= 4 then 'at_risk'
    when {{ r }} = 2 then 'hibernating'
    else 'lost'
  end
{%- endmacro %}
