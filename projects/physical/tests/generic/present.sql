{# No row misses a value in any of the columns: one look at a view instead of one for each column. #}
{% test present(model, columns) %}
select {{ columns | join(', ') }}
from {{ model }}
where {{ columns | join(' is null or ') }} is null
{% endtest %}
