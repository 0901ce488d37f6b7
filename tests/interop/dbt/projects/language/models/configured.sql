{{ config(materialized=('table' if target.name == 'dev' else 'view'), meta={'a': {'b': 1}}, tags=['x', 'y'], custom_key='kept', alias='con' ~ 'figured') }}
select '{{ config.get("custom_key") }} {{ config.get("absent", "dflt") }} {{ config.get("meta").a.b }} {{ config.get("materialized") }} {{ config.require("alias") }}' as c
{%- set nothing = config.get('nothing') %}, {{ 1 if nothing is none else 2 }} as n
