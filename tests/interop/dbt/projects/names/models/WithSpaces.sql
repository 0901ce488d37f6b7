{{ config(alias='with spaces') }}
select 1 as "my column", 2 as "select", 3 as "Ünïcode", 4 as "MiXed", 'it''s' as "a.b", 5 as "quo""te"
