{{ config(materialized='ephemeral') }}
select id, amount, day from {{ ref('payments') }} where amount is not null
