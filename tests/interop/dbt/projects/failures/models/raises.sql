{% if execute and var('broken', true) %}{{ exceptions.raise_compiler_error('this is wrong on purpose') }}{% endif %}
select 1 as id
