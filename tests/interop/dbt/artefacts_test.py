"""The artefacts that smelt writes: valid by dbt's schemas, loaded by dbt's classes and by a reader made for them.

dbt publishes as schemas what its classes describe, so they are taken from the classes. Each check is made of dbt's own
artefacts, too: one that dbt cannot pass would say nothing. What a manifest says of a node is compared with dbt's.
"""

import json
import tempfile
import unittest
from pathlib import Path

import dbt_artifacts_parser.parser as reader
import jsonschema
from comparison import Difference, copies, mapping_differences
from dbt.artifacts.schemas.catalog import CatalogArtifact
from dbt.artifacts.schemas.freshness import FreshnessExecutionResultArtifact
from dbt.artifacts.schemas.manifest import WritableManifest
from dbt.artifacts.schemas.run import RunResultsArtifact

PROJECTS = Path(__file__).resolve().parent / "projects"
ARTEFACTS = {
    "manifest.json": (WritableManifest, reader.parse_manifest),
    "run_results.json": (RunResultsArtifact, reader.parse_run_results),
    "catalog.json": (CatalogArtifact, reader.parse_catalog),
    "sources.json": (FreshnessExecutionResultArtifact, reader.parse_sources),
}
COMMANDS = [["seed"], ["build"], ["source", "freshness"], ["docs", "generate"]]

# What a manifest says of nodes and sources; left out is what follows the clock, the machine or the program.
NODE_KEYS = (
    "resource_type", "name", "package_name", "path", "original_file_path", "fqn", "alias", "schema", "database", "checksum",
    "tags", "description", "columns", "meta", "refs", "sources", "group", "access", "version", "latest_version", "language",
    "raw_code", "relation_name", "identifier", "source_name", "test_metadata", "column_name", "attached_node", "contract",
)  # fmt: skip
CONFIG_KEYS = (
    "enabled", "materialized", "tags", "meta", "alias", "schema", "severity", "where", "unique_key", "strategy", "group",
    "access", "on_schema_change", "full_refresh", "pre-hook", "post-hook", "column_types", "store_failures", "fail_calc",
)  # fmt: skip
FOLDED = ("parent_map", "child_map", "group_map")
COLLECTIONS = ("nodes", "sources", "exposures", "unit_tests", "groups", "docs")


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def described(node):
    """The compared part of a node as texts, key by key."""
    said = {key: node[key] for key in NODE_KEYS if key in node}
    said |= {f"config {key}": node["config"][key] for key in CONFIG_KEYS if key in node.get("config", {})}
    said |= {f"depends_on {key}": sorted(node["depends_on"][key]) for key in ("nodes", "macros") if key in node.get("depends_on", {})}
    return {key: json.dumps(value, sort_keys=True) for key, value in said.items()}


def manifest_differences(dbt, smelt):
    for collection in COLLECTIONS:
        ours = {key for key in dbt[collection] if not key.startswith("doc.dbt.")}
        yield from mapping_differences(collection, {key: 1 for key in ours}, {key: 1 for key in smelt[collection] if key[:8] != "doc.dbt."})
        for key in sorted(ours & smelt[collection].keys()):
            yield from mapping_differences(key, described(dbt[collection][key]), described(smelt[collection][key]), str)
    for name in FOLDED:
        folded = [{key: sorted(value) for key, value in side[name].items()} for side in (dbt, smelt)]
        yield from mapping_differences(name, *folded)


def differences_as_text(found):
    return "\n".join(f"{one.id}: {one.detail}" if isinstance(one, Difference) else str(one) for one in found)


class ArtefactsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.scratch.cleanup)
        cls.sides = copies(PROJECTS / "artefacts", cls.scratch.name)
        for side in cls.sides:
            for command in COMMANDS:
                done = side.run(command, {})
                if done.exit_code != 0:
                    raise AssertionError(f"{side.name} {' '.join(command)}: exit {done.exit_code}\n{done.text}")

    def check(self, name):
        artefact, parse = ARTEFACTS[name]
        for side in self.sides:
            with self.subTest(side=side.name, artefact=name):
                content = load(side.target / name)
                validator = jsonschema.Draft202012Validator(artefact.json_schema())
                errors = [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}" for error in validator.iter_errors(content)]
                self.assertEqual(errors, [])
                artefact.read_and_check_versions(str(side.target / name))
                parse(content)

    def test_manifest(self):
        self.check("manifest.json")

    def test_run_results(self):
        self.check("run_results.json")

    def test_catalog(self):
        self.check("catalog.json")

    def test_sources(self):
        self.check("sources.json")

    def test_manifest_says_the_same(self):
        found = list(manifest_differences(*(load(side.target / "manifest.json") for side in self.sides)))
        self.assertEqual(differences_as_text(found), "")

    def test_catalog_has_the_same_columns(self):
        catalogs = [load(side.target / "catalog.json") for side in self.sides]
        for kind in ("nodes", "sources"):
            shapes = [{key: [column.lower() for column in table["columns"]] for key, table in catalog[kind].items()} for catalog in catalogs]
            self.assertEqual(*shapes)


if __name__ == "__main__":
    unittest.main()
