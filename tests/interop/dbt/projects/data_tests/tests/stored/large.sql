{{ config(severity='warn', error_if='>100') }}
select n, band from {{ ref('numbers') }} where n > 7
