"""Writes a synthetic dbt project: small models in layers, each with two tests. The same count and seed give the same files."""

import random
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


def model_sql(number, parents):
    """A model over its parents, or over a handful of rows of its own."""
    if not parents:
        return f"select range as id, range * {number} as amount, 'm{number}' as name from range(10)\n"
    first, *others = parents
    joins = "".join(f"left join {{{{ ref('{parent}') }}}} as p{place} on p{place}.id = p0.id\n" for place, parent in enumerate(others, 1))
    return (
        "{{ config(tags=['synthetic']) }}\n"
        f"select p0.id, {{{{ doubled('p0.amount') }}}} % 1000 as amount, 'm{number}' as name\n"
        f"from {{{{ ref('{first}') }}}} as p0\n{joins}{{% if is_incremental() %}} where p0.id > 0 {{% endif %}}\n"
    )


def write_properties(folder, names):
    entries = [
        f"  - name: {name}\n    description: Model {name}.\n    columns:\n"
        "      - {name: id, description: Its key., data_tests: [unique, not_null]}\n"
        for name in names
    ]
    (folder / "models.yml").write_text("version: 2\nmodels:\n" + "".join(entries), encoding="utf-8")


def write_project(folder, models, threads, seed=7):
    """A project of so many models in an empty folder."""
    chance = random.Random(seed)
    folder = Path(folder)
    (folder / "macros").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text(PROJECT, encoding="utf-8")
    (folder / "profiles.yml").write_text(PROFILE.format(database=folder / "target/lake.duckdb", threads=threads), encoding="utf-8")
    (folder / "macros/doubled.sql").write_text(MACRO, encoding="utf-8")
    names = [f"model_{number:05}" for number in range(models)]
    per_layer = -(-models // LAYERS)
    for start in range(0, models, MODELS_PER_FOLDER):
        home = folder / f"models/group_{start // MODELS_PER_FOLDER:03}"
        home.mkdir(parents=True)
        chosen = names[start : start + MODELS_PER_FOLDER]
        for number, name in enumerate(chosen, start):
            layer = number // per_layer
            above = names[(layer - 1) * per_layer : layer * per_layer] if layer else []
            parents = chance.sample(above, min(len(above), chance.randint(1, 3)))
            (home / f"{name}.sql").write_text(model_sql(number, parents), encoding="utf-8")
        write_properties(home, chosen)
