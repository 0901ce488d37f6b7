{{ config(schema=none) }}
select 9 as depth, 'root palette' as name, 'x' as tags
