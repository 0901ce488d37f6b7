"""Writes the models of the synthetic dbt project as sqlmesh's own: the same queries, tables, tests (as audits) and descriptions."""

from pathlib import Path

from dbt_project import graph

CONFIG = """gateways:
  lake:
    connection: {{type: duckdb, database: "{database}", concurrent_tasks: {threads}}}
default_gateway: lake
variables: {{factor: 2}}
model_defaults: {{dialect: duckdb, start: 2024-01-01}}
"""
MODEL = """MODEL (
  name main.{name},
  kind FULL,
  description 'Model {name}.',
  column_descriptions (id = 'Its key.'),
  audits (unique_values(columns := (id)), not_null(columns := (id)))
);

{query}
"""


def query_of(model):
    if not model.parents:
        return f"select range as id, range * {model.number} as amount, '{model.name}' as name from range(10)"
    first, *others = model.parents
    joins = "".join(f"\nleft join main.{parent} as p{place} on p{place}.id = p0.id" for place, parent in enumerate(others, 1))
    return f"select p0.id, p0.amount * @factor % 1000 as amount, '{model.name}' as name\nfrom main.{first} as p0{joins}"


def write_sqlmesh_project(folder, models, threads):
    """A project of so many models in an empty folder."""
    folder = Path(folder)
    folder.mkdir(parents=True)
    config = CONFIG.format(database=folder / "target/lake.duckdb", threads=threads)
    (folder / "config.yaml").write_text(config, encoding="utf-8")
    for model in graph(models):
        file = folder / model.file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(MODEL.format(name=model.name, query=query_of(model)), encoding="utf-8")
