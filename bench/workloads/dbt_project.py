"""Writes a synthetic dbt project: small models in layers, each with two tests. The same count and seed give the same files."""

import random
from dataclasses import dataclass
from pathlib import Path

LAYERS = 6
MODELS_PER_FOLDER = 100
PROJECT = """name: synthetic
version: "1.0"
profile: synthetic
models: {synthetic: {+materialized: table}}
"""
PROFILE = """synthetic:
  target: dev
  outputs:
    dev: {{type: duckdb, path: "{database}", schema: main, threads: {threads}}}
"""
MACRO = """{% macro doubled(column) %}{{ column }} * {{ var('factor', 2) }}{% endmacro %}
"""


@dataclass
class Model:
    """A node of the synthetic graph. Its parents are of the layer before; the first layer has none."""

    number: int
    name: str
    parents: list

    @property
    def file(self):
        """Where its SQL is, seen from the project's folder."""
        return Path(f"models/group_{self.number // MODELS_PER_FOLDER:03}/{self.name}.sql")


def graph(models, seed=7):
    """So many models, parents first."""
    chance = random.Random(seed)
    names = [f"model_{number:05}" for number in range(models)]
    per_layer = -(-models // LAYERS)
    made = []
    for number, name in enumerate(names):
        layer = number // per_layer
        above = names[(layer - 1) * per_layer : layer * per_layer] if layer else []
        made.append(Model(number, name, chance.sample(above, min(len(above), chance.randint(1, 3)))))
    return made


def model_sql(model):
    """A model over its parents, or over a handful of rows of its own."""
    if not model.parents:
        return f"select range as id, range * {model.number} as amount, '{model.name}' as name from range(10)\n"
    first, *others = model.parents
    joins = "".join(f"left join {{{{ ref('{parent}') }}}} as p{place} on p{place}.id = p0.id\n" for place, parent in enumerate(others, 1))
    return (
        "{{ config(tags=['synthetic']) }}\n"
        f"select p0.id, {{{{ doubled('p0.amount') }}}} % 1000 as amount, '{model.name}' as name\n"
        f"from {{{{ ref('{first}') }}}} as p0\n{joins}{{% if is_incremental() %}} where p0.id > 0 {{% endif %}}\n"
    )


def write_properties(home, names):
    entries = [
        f"  - name: {name}\n    description: Model {name}.\n    columns:\n"
        "      - {name: id, description: Its key., data_tests: [unique, not_null]}\n"
        for name in names
    ]
    (home / "models.yml").write_text("version: 2\nmodels:\n" + "".join(entries), encoding="utf-8")


def write_project(folder, models, threads):
    """A project of so many models in an empty folder."""
    folder = Path(folder)
    (folder / "macros").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text(PROJECT, encoding="utf-8")
    (folder / "profiles.yml").write_text(PROFILE.format(database=folder / "target/lake.duckdb", threads=threads), encoding="utf-8")
    (folder / "macros/doubled.sql").write_text(MACRO, encoding="utf-8")
    names_of = {}
    for model in graph(models):
        file = folder / model.file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(model_sql(model), encoding="utf-8")
        names_of.setdefault(file.parent, []).append(model.name)
    for home, names in names_of.items():
        write_properties(home, names)
