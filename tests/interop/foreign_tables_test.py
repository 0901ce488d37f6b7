"""Tables that other engines wrote, read by smelt and compared with the rows that their authors expect.

The folder $SMELT_DELTA_TABLES holds the tables and cases.jsonl, one read per line. Rows are compared as multisets; the
width of integers, the precision of decimals, units and zones of timestamps and the order of columns do not count. Columns that are not expected, of types that the
authors' engine could not show, are only read.
"""

import json
import os
import tempfile
import unittest
from pathlib import Path

import duckdb

from smelt_program import smelt

TABLES = Path(os.environ["SMELT_DELTA_TABLES"])
INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}


def text(value):
    return "'" + str(value).replace("'", "''") + "'"


def source(case):
    path = text(TABLES / case["path"])
    if case.get("kind") == "cdf":
        return f"table_changes({path}, {case['start']}, {case['end']})"
    version = "" if case["version"] is None else f", version => {case['version']}"
    return f"delta_scan({path}{version})"


def comparable(name, kind):
    """A column in the form in which two engines' values are compared."""
    quoted = '"' + name.replace('"', '""') + '"'
    if kind in INTEGERS:
        return f"{quoted}::hugeint"
    if kind.startswith("DECIMAL"):
        return f"{quoted}::decimal(38, 12)"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"epoch_us({quoted})"
    if kind.startswith("TIMESTAMP"):
        return f"epoch_us({quoted}::timestamp)"
    if kind in ("FLOAT", "DOUBLE"):
        return f"{quoted}::double"
    return f"{quoted}::varchar"


class ForeignTables(unittest.TestCase):
    def read(self, case, folder):
        out = Path(folder) / "rows.parquet"
        statement = f"copy (select * from {source(case)}) to {text(out)} (format parquet)"
        result = smelt("sql", "--lake", Path(folder) / "lake", "-c", statement)
        return out, result

    def rows(self, db, file, columns):
        kinds = {name: kind for name, kind, *_ in db.execute(f"describe from {text(file)}").fetchall()}
        self.assertLessEqual(set(columns), set(kinds))
        parts = ", ".join(comparable(name, kinds[name]) for name in columns)
        return sorted(db.execute(f"select {parts} from {text(file)}").fetchall(), key=repr)

    def test_every_case(self):
        cases = [json.loads(line) for line in (TABLES / "cases.jsonl").read_text(encoding="utf-8").splitlines()]
        db = duckdb.connect()
        read = 0
        for case in cases:
            with self.subTest(case["name"]), tempfile.TemporaryDirectory() as folder:
                out, result = self.read(case, folder)
                if case["expect_error"]:
                    self.assertEqual(result.returncode, 3, result.stdout + result.stderr)
                    self.assertIn("error SMELT-", result.stderr)
                    continue
                self.assertEqual(result.returncode, 0, result.stderr)
                if case["expected"] is None:
                    continue
                expected = TABLES / case["expected"]
                columns = sorted(name for name, *_ in db.execute(f"describe from {text(expected)}").fetchall())
                # Without in-commit timestamps, this is the time of the log's files: of their copy, that is.
                columns = [name for name in columns if name != "_commit_timestamp"]
                self.assertEqual(self.rows(db, out, columns), self.rows(db, expected, columns))
                read += 1
        self.assertGreater(read, len(cases) / 2)


if __name__ == "__main__":
    unittest.main()
