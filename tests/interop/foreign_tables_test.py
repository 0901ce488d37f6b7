"""Tables that other engines wrote, read by smelt and compared with the rows that those engines see.

$SMELT_DELTA_TABLES names the folder: `cases.jsonl` lists the reads, each with its table, its version or range of versions,
and a Parquet file of the expected rows; or says that the read must fail. Rows compare as multisets. Integer widths, units
of timestamps and the order of columns do not count; names, zones, precision and scale do. Times of commits do not count
either: they are those of the log's files, which were copied.
"""

import json
import os
import sys
import unittest
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from smelt_program import LakeTest, smelt

TABLES = Path(os.environ["SMELT_DELTA_TABLES"])


def cases():
    with open(TABLES / "cases.jsonl", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def relation(case):
    """The table function that reads a case."""
    path = TABLES / case["path"]
    if case.get("kind") == "cdf":
        return f"table_changes('{path}', {case['start']}, {case['end']})"
    version = "" if case["version"] is None else f", version => {case['version']}"
    return f"delta_scan('{path}'{version})"


def kind(data_type):
    """A type without what does not count."""
    if pa.types.is_integer(data_type):
        return "integer"
    if pa.types.is_timestamp(data_type):
        return "timestamp with time zone" if data_type.tz else "timestamp"
    if pa.types.is_struct(data_type):
        return {field.name: kind(field.type) for field in data_type}
    if pa.types.is_map(data_type):
        return ("map", kind(data_type.key_type), kind(data_type.item_type))
    if pa.types.is_list(data_type) or pa.types.is_large_list(data_type):
        return ("list", kind(data_type.value_type))
    if pa.types.is_large_string(data_type):
        return "string"
    if pa.types.is_large_binary(data_type):
        return "binary"
    return str(data_type)


def frozen(value, data_type):
    """A value that can be hashed, equal for equal values; NaN equals itself."""
    if value is None:
        return None
    if pa.types.is_struct(data_type):
        return tuple(sorted((field.name, frozen(value[field.name], field.type)) for field in data_type))
    if pa.types.is_map(data_type):
        return tuple(sorted(((frozen(k, data_type.key_type), frozen(v, data_type.item_type)) for k, v in value), key=repr))
    if pa.types.is_list(data_type) or pa.types.is_large_list(data_type):
        return tuple(frozen(item, data_type.value_type) for item in value)
    if isinstance(value, (float, Decimal)):
        return repr(value)
    return value


def rows(table, names):
    columns = [table.column(name) for name in names]
    values = [[frozen(value, column.type) for value in column.to_pylist()] for column in columns]
    return Counter(zip(*values)) if names else Counter({(): table.num_rows})


class ForeignTablesTest(LakeTest):
    def test_every_read_gives_the_expected_rows_or_a_clear_error(self):
        for case in cases():
            with self.subTest(case["name"]):
                exported = self.folder / "rows.parquet"
                exported.unlink(missing_ok=True)
                ignored = set(case.get("ignore_columns", []))
                left_out = ", ".join(f"'{name}'" for name in sorted(ignored))
                chosen = f"columns(name -> name not in ({left_out}))" if ignored else "*"
                sql = f"copy (select {chosen} from {relation(case)}) to '{exported}' (format parquet)"
                result = smelt("sql", "--lake", self.lake, "-c", sql)
                if case["expect_error"]:
                    self.assertNotEqual(result.returncode, 0)
                    self.assertIn("SMELT-", result.stderr)
                else:
                    self.assertEqual(result.returncode, 0, result.stderr)
                    self.assert_same_rows(pq.read_table(exported), pq.read_table(TABLES / case["expected"]), ignored)

    def test_counts_agree_with_the_rows(self):
        """count(*) is answered from the log where the log tells; it must not differ from what a scan finds."""
        for case in cases():
            if case["expect_error"]:
                continue
            with self.subTest(case["name"]):
                result = smelt("sql", "--lake", self.lake, "-c", f"select count(*) as n from {relation(case)}", "--format", "json")
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertEqual(json.loads(result.stdout), [{"n": case["rows"]}])

    def assert_same_rows(self, found, expected, ignored):
        names = sorted(set(expected.column_names) - ignored)
        self.assertEqual(sorted(found.column_names), names)
        for name in names:
            self.assertEqual(kind(found.field(name).type), kind(expected.field(name).type), name)
        names = [name for name in names if name != "_commit_timestamp"]
        surplus = rows(found, names) - rows(expected, names)
        missing = rows(expected, names) - rows(found, names)
        self.assertFalse(surplus or missing, f"rows too many: {list(surplus)[:3]}; rows missing: {list(missing)[:3]}")


if __name__ == "__main__":
    outcome = unittest.main(exit=False).result
    sys.exit(0 if outcome.wasSuccessful() and outcome.testsRun else 1)
