select "my column", "MiXed" as Mixed_Two from {{ ref('WithSpaces') }}
