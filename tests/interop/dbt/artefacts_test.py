"""The artefacts that smelt writes are sound, and their manifest says the same of every node as dbt's.

Each check is made of dbt's own artefacts, too: one that dbt cannot pass would say nothing.
"""

import json
import tempfile
import unittest
from pathlib import Path

from artefact_checks import ARTEFACTS, problems
from comparison import Difference, copies, mapping_differences
from known_differences import KNOWN_IN_MANIFESTS

PROJECTS = Path(__file__).resolve().parent / "projects"
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
COLLECTIONS = ("nodes", "sources", "unit_tests", "groups", "docs")
# Of the things that a manifest says, those that differ for a reason: which macros a node reaches through dispatch is found
# by smelt when it parses and by dbt when the node runs; a unit test's checksum is one of dbt's own classes; dbt gives
# groups the configuration of models.
DIFFERENT = ("depends_on macros", "unit_test checksum", "group config")
# Described things are compared key by key, but for these, which follow the clock or the machine.
DESCRIBED = ("exposures", "metrics", "semantic_models", "saved_queries")
OF_THE_RUN = ("created_at", "metadata")
# What else is parsed by both, beside the project whose artefacts are all made.
PARSED = {
    "governance": [["parse"]],
    "layout": [["deps"], ["parse"]],
    "packages": [["deps"], ["parse"]],
    "described": [["parse"]],
    "unit_tests": [["parse"]],
}


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def described(node):
    """The compared part of a node as texts, key by key."""
    said = {key: node[key] for key in NODE_KEYS if key in node}
    said |= {f"config {key}": node["config"][key] for key in CONFIG_KEYS if key in node.get("config", {})}
    said |= {f"depends_on {key}": sorted(node["depends_on"][key]) for key in ("nodes", "macros") if key in node.get("depends_on", {})}
    return {key: json.dumps(value, sort_keys=True) for key, value in said.items()}


def as_texts(thing):
    return {key: json.dumps(value, sort_keys=True) for key, value in thing.items() if key not in OF_THE_RUN}


def manifest_differences(dbt, smelt):
    for collection in COLLECTIONS:
        ours = {key for key in dbt[collection] if not key.startswith("doc.dbt.")}
        yield from mapping_differences(collection, {key: 1 for key in ours}, {key: 1 for key in smelt[collection] if key[:8] != "doc.dbt."})
        for key in sorted(ours & smelt[collection].keys()):
            yield from mapping_differences(key, described(dbt[collection][key]), described(smelt[collection][key]), str)
    for collection in DESCRIBED:
        of_dbt, of_smelt = ({key: as_texts(one) for key, one in side[collection].items()} for side in (dbt, smelt))
        yield from mapping_differences(collection, {key: 1 for key in of_dbt}, {key: 1 for key in of_smelt})
        for key in sorted(of_dbt.keys() & of_smelt.keys()):
            yield from mapping_differences(key, of_dbt[key], of_smelt[key], str)
    for name in FOLDED:
        folded = [{key: sorted(value) for key, value in side[name].items()} for side in (dbt, smelt)]
        yield from mapping_differences(name, *folded)


def is_expected(one):
    kind = one.id.partition(".")[0]
    key = one.id.partition(" ")[2]
    return any(f"{kind} {key}".startswith(entry) or key == entry for entry in DIFFERENT)


def differences_as_text(found):
    return "\n".join(f"{one.id}: {one.detail}" if isinstance(one, Difference) else str(one) for one in found)


def run_all(sides, commands):
    for side in sides:
        for command in commands:
            done = side.run(command, {})
            if done.exit_code != 0:
                raise AssertionError(f"{side.name} {' '.join(command)}: exit {done.exit_code}\n{done.text}")


class ArtefactsTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.scratch.cleanup)
        cls.sides = copies(PROJECTS / "artefacts", cls.scratch.name)
        run_all(cls.sides, COMMANDS)

    def test_they_are_sound(self):
        for side in self.sides:
            for name in ARTEFACTS:
                with self.subTest(side=side.name, artefact=name):
                    self.assertEqual(problems(side.target / name), [])

    def test_what_is_wrong_is_found(self):
        manifest = load(self.sides[1].target / "manifest.json")
        del manifest["metadata"]["dbt_schema_version"], next(iter(manifest["nodes"].values()))["fqn"]
        with tempfile.TemporaryDirectory() as folder:
            broken = Path(folder) / "manifest.json"
            broken.write_text(json.dumps(manifest), encoding="utf-8")
            self.assertNotEqual(problems(broken), [])

    def check_manifests(self, sides):
        found = list(manifest_differences(*(load(side.target / "manifest.json") for side in sides)))
        found = [one for one in found if not is_expected(one)]
        unexpected = [one for one in found if one.id not in KNOWN_IN_MANIFESTS]
        self.assertEqual(unexpected, [], "\n" + differences_as_text(unexpected))
        self.seen_differences.update(one.id for one in found)

    def test_manifests_say_the_same(self):
        self.seen_differences = set()
        self.check_manifests(self.sides)
        for project, commands in PARSED.items():
            with self.subTest(project=project), tempfile.TemporaryDirectory() as scratch:
                sides = copies(PROJECTS / project, scratch)
                run_all(sides, commands)
                self.check_manifests(sides)
        self.assertEqual(KNOWN_IN_MANIFESTS - self.seen_differences, set(), "no longer differ, take them from known_differences.py")

    def test_catalog_has_the_same_columns(self):
        catalogs = [load(side.target / "catalog.json") for side in self.sides]
        for kind in ("nodes", "sources"):
            shapes = [{key: [column.lower() for column in table["columns"]] for key, table in catalog[kind].items()} for catalog in catalogs]
            self.assertEqual(*shapes)


if __name__ == "__main__":
    unittest.main()
