{# A zip prefix has five digits; leading zeros that a spreadsheet dropped are put back. #}
{% macro zip_prefix(column) -%}
  case when length({{ column }}) < 5 then lpad({{ column }}, 5, '0') else {{ column }} end
{%- endmacro %}

{# One spelling per city: trimmed, lower case, without accents. #}
{% macro city_name(column) -%}
  lower(strip_accents(trim({{ column }})))
{%- endmacro %}

{# The five regions of Brazil by state code; 'Unknown' for anything else. #}
{% macro region(state) -%}
  case
    when {{ state }} in ('AC', 'AM', 'AP', 'PA', 'RO', 'RR', 'TO') then 'North'
    when {{ state }} in ('AL', 'BA', 'CE', 'MA', 'PB', 'PE', 'PI', 'RN', 'SE') then 'Northeast'
    when {{ state }} in ('DF', 'GO', 'MS', 'MT') then 'Central-West'
    when {{ state }} in ('ES', 'MG', 'RJ', 'SP') then 'Southeast'
    when {{ state }} in ('PR', 'RS', 'SC') then 'South'
    else 'Unknown'
  end
{%- endmacro %}

{# True for a point of bronze.geolocation inside the box around Brazil; the data set has points in Europe. #}
{% macro in_brazil() -%}
  geolocation_lat between -33.8 and 5.3 and geolocation_lng between -74.0 and -28.8
{%- endmacro %}
