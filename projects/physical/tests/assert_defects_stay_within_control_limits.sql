-- A p-chart: products whose share of defects in the last control_days days lies above that of all days before by more than
-- control_sigmas standard deviations of a sample of that size. No reason to stop; a reason to look at the supplier.
{{ config(severity='warn') }}

with
recent as (
  select max(inspection_date) - {{ var('control_days') }} as since from {{ ref('fact_quality') }}
),

products as (
  select
    product_id,
    sum(sample_size) filter (where inspection_date > since) as pieces,
    sum(defects) filter (where inspection_date > since) as defects,
    sum(defects) filter (where inspection_date <= since)::double
      / sum(sample_size) filter (where inspection_date <= since) as usual_rate
  from {{ ref('fact_quality') }}, recent
  group by product_id
)

select product_id, pieces, defects, usual_rate
from products
where defects > pieces * usual_rate + {{ var('control_sigmas') }} * sqrt(pieces * usual_rate * (1 - usual_rate)) + 1
