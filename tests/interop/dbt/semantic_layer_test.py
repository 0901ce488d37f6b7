"""Semantic models, metrics and saved queries: manifest.json and semantic_manifest.json say of them what dbt's say."""

import json
import tempfile
import unittest
from pathlib import Path

from comparison import copies

PROJECT = Path(__file__).resolve().parent / "projects/semantics"
COLLECTIONS = ("semantic_models", "metrics", "saved_queries", "exposures", "parent_map", "child_map")


def content(value):
    """A JSON value without the times of its making."""
    if isinstance(value, dict):
        return {key: content(inner) for key, inner in value.items() if key != "created_at"}
    return [content(inner) for inner in value] if isinstance(value, list) else value


class SemanticLayerTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.scratch.cleanup)
        cls.sides = copies(PROJECT, cls.scratch.name)
        for side in cls.sides:
            done = side.run(["parse"], {})
            if done.exit_code != 0:
                raise AssertionError(f"{side.name}: exit {done.exit_code}\n{done.text}")

    def load(self, file):
        return [content(json.loads((side.target / file).read_text(encoding="utf-8"))) for side in self.sides]

    def test_manifest(self):
        dbt, smelt = self.load("manifest.json")
        for collection in COLLECTIONS:
            with self.subTest(collection=collection):
                self.assertEqual(smelt[collection], dbt[collection])

    def test_semantic_manifest(self):
        dbt, smelt = self.load("semantic_manifest.json")
        self.assertGreater(len(dbt["metrics"]), 5)
        self.assertEqual(smelt, dbt)


if __name__ == "__main__":
    unittest.main()
