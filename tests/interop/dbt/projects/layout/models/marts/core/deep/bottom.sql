select '{{ this.schema }}.{{ this.identifier }}' as me, '{{ model.tags | sort | join(" ") }}' as tags, '{{ config.require("materialized") }}' as kind,
  '{{ tojson(model.config.meta, sort_keys=true) }}' as meta, {{ var('scale') }} as scale, '{{ var("label", "none") }}' as label
from {{ ref('layout', 'facts') }}
