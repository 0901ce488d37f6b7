"""What is wrong with artefacts: by dbt's published schemas, by dbt's classes, and by a reader made for them.

dbt publishes as schemas what its classes describe, so they are taken from the classes.
"""

import functools
import json

import dbt_artifacts_parser.parser as reader
import jsonschema
from dbt.artifacts.schemas.catalog import CatalogArtifact
from dbt.artifacts.schemas.freshness import FreshnessExecutionResultArtifact
from dbt.artifacts.schemas.manifest import WritableManifest
from dbt.artifacts.schemas.run import RunResultsArtifact

ARTEFACTS = {
    "manifest.json": (WritableManifest, reader.parse_manifest),
    "run_results.json": (RunResultsArtifact, reader.parse_run_results),
    "catalog.json": (CatalogArtifact, reader.parse_catalog),
    "sources.json": (FreshnessExecutionResultArtifact, reader.parse_sources),
}


@functools.cache
def validator(name):
    return jsonschema.Draft202012Validator(ARTEFACTS[name][0].json_schema())


def problems(path):
    """What is wrong with one artefact, as texts."""
    artefact, parse = ARTEFACTS[path.name]
    content = json.loads(path.read_text(encoding="utf-8"))
    found = [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}" for error in validator(path.name).iter_errors(content)]
    for load in (lambda: artefact.read_and_check_versions(str(path)), lambda: parse(content)):
        try:
            load()
        except Exception as problem:  # whatever a reader stumbles over is a problem of the artefact
            found.append(f"cannot be read: {type(problem).__name__}: {str(problem)[:300]}")
    return found


def all_problems(target):
    """Of every artefact in a target folder: (its name, what is wrong with it)."""
    paths = [target / name for name in ARTEFACTS if (target / name).exists()]
    return [(path.name, problem) for path in paths for problem in problems(path)]
