"""node-postgres gets the same from smelt serve and from a PostgreSQL 15: rows, types, commands, errors, cursors, streams."""

import json
import subprocess
import unittest
from pathlib import Path

from lake_and_postgres import LakeAndPostgresTest

CLIENT = Path(__file__).with_name("node_client.mjs")
TIMEOUT_S = 120


class NodeTest(LakeAndPostgresTest):
    def asked(self, url):
        done = subprocess.run(["node", CLIENT, url], capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def test_answers_are_the_same(self):
        ours, theirs = self.both(self.asked)
        self.assertEqual(ours.keys(), theirs.keys())
        for name, answer in theirs.items():
            with self.subTest(name=name):
                self.assertEqual(ours[name], answer)


if __name__ == "__main__":
    unittest.main()
