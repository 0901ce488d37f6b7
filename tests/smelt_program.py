"""Running the finished program from a test: commands, queries, lakes and their contents.

The program is $SMELT_PROGRAM, which ctest sets, or build/release/bin/smelt. $TEST_SCALE replaces the scale of the data.
"""

import functools
import json
import os
import shutil
import subprocess
import tempfile
import unittest
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = os.environ.get("SMELT_PROGRAM", str(ROOT / "build/release/bin/smelt"))
TIMEOUT_S = 300
SMALL_SCALE = os.environ.get("TEST_SCALE", "0.02")

# Columns that say when something was done, or that are derived from such a time: they differ between two runs.
CLOCK_COLUMNS = {
    "ingestion_timestamp", "ingest_date", "loaded_at", "run_id", "validated_at",
    "dbt_valid_from", "dbt_valid_to", "dbt_updated_at", "dbt_scd_id",
}  # fmt: skip


def environment():
    """The caller's environment without settings of smelt that would change what a test sees."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SMELT_")}


def smelt(*arguments, timeout=TIMEOUT_S, **options):
    """Runs the program to its end and returns the completed process, whatever its exit code."""
    command = [PROGRAM, *map(str, arguments)]
    options = {"env": environment(), "stdin": subprocess.DEVNULL, **options}
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False, **options)


def start(*arguments, **options):
    """Starts the program and returns the running process."""
    command = [PROGRAM, *map(str, arguments)]
    if command[1] == "serve" and not {"--http-port", "--pg-port"} <= set(command):
        raise AssertionError("tests run side by side: name both of a server's ports, or two meet at the default one")
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL}
    return subprocess.Popen(command, text=True, **pipes, **({"env": environment()} | options))


def smelt_ok(*arguments, **options):
    """Runs the program; anything but success is a failure of the test."""
    result = smelt(*arguments, **options)
    if result.returncode != 0:
        raise AssertionError(f"smelt {' '.join(map(str, arguments))}: exit {result.returncode}\n{result.stdout}{result.stderr}")
    return result


def sql_side_by_side(lake, scripts):
    """Runs each script of SQL in a process of its own, all at once; each must succeed."""
    for process in [start("sql", "--lake", lake, "-c", script) for script in scripts]:
        output, _ = process.communicate(timeout=2 * TIMEOUT_S)
        if process.returncode != 0:
            raise AssertionError(f"exit {process.returncode}\n{output}")


def query(lake, sql):
    """The rows of a query as dicts; decimal fractions stay exact."""
    output = smelt_ok("sql", "--lake", lake, "-c", sql, "--format", "json").stdout
    return json.loads(output, parse_float=Decimal)


def scalar(lake, sql):
    """The one value of a query."""
    (row,) = query(lake, sql)
    (value,) = row.values()
    return value


def tables(lake):
    """The Delta tables of a lake as sorted "schema.table", found by their logs."""
    return sorted(f"{log.parent.parent.name}.{log.parent.name}" for log in Path(lake).glob("[!_]*/*/_delta_log"))


def folder_of(lake, table):
    schema, name = table.split(".")
    return Path(lake) / schema / name


def commits(lake, table):
    """(version, actions) of each commit in the table's log, in order."""
    log = folder_of(lake, table) / "_delta_log"
    for path in sorted(log.glob("*.json")):
        if path.stem.isdigit():
            yield int(path.stem), [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def versions(lake):
    """The newest version of each table: what a command changed, and what it did not."""
    return {table: max(version for version, _ in commits(lake, table)) for table in tables(lake)}


def columns(lake, table):
    """Name → Delta type, as the newest metaData action says."""
    schemas = [
        action["metaData"]["schemaString"] for _, actions in commits(lake, table) for action in actions if "metaData" in action
    ]
    return {field["name"]: field["type"] for field in json.loads(schemas[-1])["fields"]}


def contents(lake, tables_to_read=None):
    """What is in each table, as table → (rows, digest of all rows whatever their order), the clock's columns left out."""
    digests = []
    for table in tables(lake) if tables_to_read is None else tables_to_read:
        chosen = ", ".join(f'"{name}"' for name in columns(lake, table) if name not in CLOCK_COLUMNS)
        digests.append(
            f"select '{table}' as name, count(*) as n, cast(sum(hash({chosen})) as varchar) as digest"
            f" from delta_scan('{folder_of(lake, table)}')"
        )
    return {row["name"]: (row["n"], row["digest"]) for row in query(lake, " union all ".join(digests))}


def differences(lake, other_lake):
    """The tables that differ, as table → (rows only here, rows only there). Columns of the clock are left out."""
    counts = []
    for table in tables(lake):
        chosen = ", ".join(f'"{name}"' for name in columns(lake, table) if name not in CLOCK_COLUMNS)
        here, there = (f"(select {chosen} from delta_scan('{folder_of(root, table)}'))" for root in (lake, other_lake))
        counts.append(
            f"select '{table}' as name, (select count(*) from ({here} except all {there})) as here,"
            f" (select count(*) from ({there} except all {here})) as there"
        )
    rows = query(lake, " union all ".join(counts))
    return {row["name"]: (row["here"], row["there"]) for row in rows if row["here"] or row["there"]}


@functools.cache
def small_data(scale=SMALL_SCALE, seed="7"):
    """A folder with the nine generated files, made once per process."""
    folder = Path(tempfile.mkdtemp(prefix="smelt-data-"))
    unittest.addModuleCleanup(shutil.rmtree, folder, ignore_errors=True)
    smelt_ok("generate", "olist", "--scale", scale, "--seed", seed, "--out", folder)
    return folder


class LakeTest(unittest.TestCase):
    """A test with a temporary folder of its own; `self.folder / "lake"` is not there yet."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="smelt-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.lake = self.folder / "lake"

    def make_lake(self):
        """A lake without tables."""
        self.lake.mkdir()

    def assert_same_tables(self, lake, other_lake, but=()):
        """`but` names tables that need not be the same: by name or, with a leading "*", by how they end."""
        self.assertEqual(tables(lake), tables(other_lake))
        found = differences(lake, other_lake)
        for pattern in but:
            matches = (lambda name: name.endswith(pattern[1:])) if pattern[0] == "*" else (lambda name: name == pattern)
            found = {name: counts for name, counts in found.items() if not matches(name)}
        self.assertEqual(found, {}, "tables with rows that one lake alone has")
