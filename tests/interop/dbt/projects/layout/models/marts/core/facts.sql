{{ config(alias='fct', meta={'level': 'file', 'file': true}, tags=['file_tag']) }}
{{ config(docs={'node_color': 'blue'}) }}
select code, {{ library.scaled('depth') }} as scaled, '{{ model.tags | join(" ") }}' as tags, '{{ config.get("meta").level }} {{ config.get("meta").get("owner") }}' as level,
  '{{ tojson(model.config.meta) }}' as meta, '{{ model.fqn | join("/") }}' as fqn, '{{ config.get("docs").node_color }}' as color
from {{ ref('stg_light') }}
