"""`--json` of every command: one object per line on standard output, and nothing else."""

import json
import re
import subprocess
import unittest

import smelt_program
from smelt_program import PROGRAM, ROOT, LakeTest, smelt, smelt_ok

# Commands that serve until they are stopped, or that read from a terminal.
WITHOUT_END = {"serve", "scheduler", "docs serve"}


def subcommands(path):
    """The commands below one, as its help lists them."""
    text = smelt_ok(*path, "--help").stdout
    listed = re.search(r"^Subcommands:\n((?:  .*\n)+)", text, re.MULTILINE)
    return re.findall(r"^  ([a-z][\w-]*)", listed[1], re.MULTILINE) if listed else []


def commands_with_json(path=()):
    """Every command whose help has --json."""
    found = []
    for name in subcommands(path):
        below = (*path, name)
        if "--json" in smelt_ok(*below, "--help").stdout:
            found.append(" ".join(below))
        found += commands_with_json(below)
    return found


class JsonOutputTest(LakeTest):
    def setUp(self):
        super().setUp()
        self.project = self.folder / "shop"
        smelt_ok("init", self.project)
        (self.project / "pipelines/ask.yml").write_text(
            "name: ask\ntasks:\n  - {name: wait, type: approval, with: {message: Go on?}}\n", encoding="utf-8")
        (self.project / "contracts").mkdir(exist_ok=True)

    def invocations(self):
        """A call of each command, in an order in which they find what they need. They may fail: what they print counts."""
        project = ["--project-dir", self.project]
        lake = ["--lake", self.lake]
        both = [*project, *lake]
        suite = self.project / "suites/orders_silver.yml"
        contract = self.folder / "contract.yml"
        contract.write_text("version: 1.0.0\nkind: DataContract\nid: c\nstatus: active\napiVersion: v3.0.2\n", encoding="utf-8")
        table = "silver.orders"
        calls = {
            "init": [self.folder / "another"],
            "generate olist": ["--scale", "0.001", "--out", self.folder / "generated"],
            "generate physical": ["--scale", "0.001", "--out", self.folder / "made"],
            "generate landing": ["--rate", "100", "--out", self.folder / "drops"],
            "generate file": [ROOT / "src/generate/data_sets/physical.yml", "--scale", "0.001", "--out", self.folder / "described"],
            "ingest": both,
            "deps": both,
            "parse": both,
            "compile": both,
            "debug": both,
            "list": both,
            "ls": both,
            "run": both,
            "snapshot": both,
            "seed": both,
            "test": both,
            "build": both,
            "show": ["--inline", "select 1 as a", *both],
            "source freshness": both,
            "docs generate": both,
            "lineage": [table, *both],
            "run-operation": ["no_such_macro", *both],
            "retry": both,
            "clone": ["--state", self.folder, *both],
            "clean": both,
            "validate": ["--suite", suite, "--table", table, *lake],
            "profile": [table, *lake],
            "diff": [table, table, *lake],
            "reconcile": [table, table, *lake],
            "anomalies": [table, *lake],
            "contract check": [contract, *lake],
            "contract diff": [contract, contract],
            "quarantine list": lake,
            "quarantine show": ["bronze.orders", *lake],
            "quarantine release": ["bronze.orders", *lake],
            "quarantine drop": ["bronze.orders", *lake],
            "pipeline run": ["daily", *both],
            "pipeline list": both,
            "pipeline show": ["daily", *both],
            "pipeline runs": both,
            "pipeline times": ["@daily", "--count", "2"],
            "pipeline trigger": ["daily", *both],
            "pipeline backfill": ["daily", "--from", "2024-01-01", "--to", "2024-01-02", *both],
            "pipeline pause": ["daily", *both],
            "pipeline resume": ["daily", *both],
            "pipeline approve": ["no-such-run", "wait", *both],
            "pipeline clear": ["no-such-run", *both],
            "pipeline cancel": ["no-such-run", *both],
            "status": both,
            "costs": both,
            "alerts list": both,
            "alerts send": both,
            "alerts test": both,
            "alerts ack": ["no-such-incident", *both],
            "alerts retry": both,
            "metrics list": both,
            "metrics dimensions": ["--metrics", "no_such_metric", *both],
            "metrics query": ["--metrics", "no_such_metric", *both],
            "report": ["no_such_report", *both],
            "report list": project,
            "export": ["--xlsx", self.folder / "out.xlsx", "--table", table, *lake],
            "export list": project,
            "sql": ["-c", f"from {table}", *lake],
            "release promote": ["--from", self.lake, "--lake", self.folder / "released", "--force", "a test"],
            "release list": ["--lake", self.folder / "released"],
            "release rollback": ["--lake", self.folder / "released"],
            "release off": ["--lake", self.folder / "released"],
            "table history": [table, *lake],
            "table detail": [table, *lake],
            "table statistics": [table, *lake],
            "table optimize": [table, *lake],
            "table reorg": [table, *lake],
            "table vacuum": [table, *lake],
            "table fsck": [table, *lake],
            "table clone": [table, "silver.copy", *lake],
            "table restore": [table, "--version", "0", *lake],
            "table convert": [self.folder / "no-such-folder", *lake],
            "users add": ["anna", "--role", "reader", *lake],
            "users list": lake,
            "users role": ["anna", "writer", *lake],
            "users passwd": ["anna", *lake],
            "tokens add": ["anna", "--name", "ci", *lake],
            "tokens list": lake,
            "tokens remove": ["ci", *lake],
            "users remove": ["anna", *lake],
            "doctor": lake,
            "version": [],
            "demo": ["--scale", "0.001", "--lake", self.folder / "demo-lake"],
        }
        return calls

    def test_every_line_of_every_command_is_an_object(self):
        known = {name: call for name, call in self.invocations().items()}
        self.assertEqual(sorted(set(commands_with_json()) - WITHOUT_END - set(known)), [], "commands that are not tried here")
        for name, call in known.items():
            with self.subTest(command=name):
                done = smelt(*name.split(), *call, "--json", input="a-long-password\n", stdin=None)
                for line in done.stdout.splitlines():
                    try:
                        value = json.loads(line)
                    except ValueError:
                        self.fail(f"no JSON: {line!r}")
                    self.assertIsInstance(value, dict, line)
                if done.returncode != 0:
                    self.assertNotEqual(done.stdout, "", f"it failed without a word as JSON: {done.stderr}")

    def test_mistakes_on_the_command_line_are_objects_too(self):
        done = subprocess.run([PROGRAM, "sql", "--json", "-c", "selec 1"], capture_output=True, text=True, check=False,
                              env=smelt_program.environment(), stdin=subprocess.DEVNULL, timeout=60)  # fmt: skip
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual([type(json.loads(line)) for line in done.stdout.splitlines()], [dict])


if __name__ == "__main__":
    unittest.main()
