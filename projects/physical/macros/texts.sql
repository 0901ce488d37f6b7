{# A word of a list in the list's spelling: trimmed, lower case. #}
{% macro word(column) -%}
  lower(trim({{ column }}))
{%- endmacro %}

{# The same with a capital in front. #}
{% macro capitalised(column) -%}
  upper(left(trim({{ column }}), 1)) || lower(substr(trim({{ column }}), 2))
{%- endmacro %}

{# A text without blanks around it; nothing where nothing is left. #}
{% macro text(column) -%}
  nullif(trim({{ column }}), '')
{%- endmacro %}

{# The name of a place: without blanks around it, and, if it came in capitals, with capitals in front of its words only. #}
{% macro place(column) -%}
  case
    when trim({{ column }}) = upper(trim({{ column }})) then list_aggregate(
      list_transform(
        string_split(lower(trim({{ column }})), ' '),
        lambda word: case
          when word in ('am', 'an', 'im', 'der', 'da', 'das', 'de', 'do', 'dos') then word
          else upper(left(word, 1)) || substr(word, 2)
        end
      ),
      'string_agg',
      ' '
    )
    else trim({{ column }})
  end
{%- endmacro %}
