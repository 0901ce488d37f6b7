{{ config(enabled=(target.name in ['dev', 'prod'])) }}
select sum(scaled) as total, '{{ library.greeting() }}' as hello, {{ dbt.safe_cast("'7'", "integer") }} as seven from {{ ref('facts') }}
