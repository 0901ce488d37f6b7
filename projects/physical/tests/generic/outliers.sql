{#
  No amount is further from the usual than the variable outlier_sigmas says, in standard deviations. Amounts spread by
  factors rather than by sums, so that their logarithms are judged.
#}
{% test outliers(model, column_name) %}
with
amounts as (
  select {{ column_name }} as amount, ln({{ column_name }}::double) as magnitude
  from {{ model }}
  where {{ column_name }} > 0
),

bounds as (
  select avg(magnitude) as mean, stddev_samp(magnitude) as sigma
  from amounts
)

select a.amount, exp(b.mean) as usual
from amounts as a, bounds as b
where abs(a.magnitude - b.mean) > {{ var('outlier_sigmas') }} * b.sigma
{% endtest %}
