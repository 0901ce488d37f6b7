{{ config(
  materialized='incremental',
  incremental_strategy='merge',
  unique_key='month',
  post_hook='delete from {{ this }} where orders = 0'
) }}

{{ revenue_series('month', 'month') }}
