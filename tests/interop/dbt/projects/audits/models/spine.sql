{{ config(alias=workbench.slugify('The Spine! 2')) }}
with days as ({{ workbench.date_spine('day', "cast('2024-01-01' as date)", "cast('2024-01-11' as date)") }}),
series as ({{ workbench.generate_series(7) }})
select days.date_day, series.generated_number, '{{ workbench.slugify("1 Good-Name? Yes") }}' as slug,
  '{{ workbench.pretty_time(format="%Y") | length }}' as year_length
from days join series on series.generated_number = extract(day from days.date_day)
