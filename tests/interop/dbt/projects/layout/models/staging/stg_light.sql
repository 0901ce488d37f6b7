{{ config(tags=['from_file'], meta={'level': 'file'}) }} select * from {{ ref('stg_base') }}
