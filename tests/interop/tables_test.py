"""Every table that the demo writes, read by three engines: smelt, deltalake, and DuckDB over the plain Parquet files
that the log lists. All must see the same rows."""

import json
import os
import shutil
import sys
import tempfile
import unittest
import urllib.parse
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable

from smelt_program import LakeTest, columns, commits, folder_of, query, small_data, smelt_ok, tables

SUMMABLE = ("byte", "short", "integer", "long", "float", "double")


def files_in_log(lake, table):
    """The data files of the newest version, by replaying the log's add and remove actions."""
    live = set()
    for _, actions in commits(lake, table):
        live -= {action["remove"]["path"] for action in actions if "remove" in action}
        live |= {action["add"]["path"] for action in actions if "add" in action}
    return sorted(str(folder_of(lake, table) / urllib.parse.unquote(path)) for path in live)


def partition_columns(lake, table):
    metadata = [action["metaData"] for _, actions in commits(lake, table) for action in actions if "metaData" in action]
    return metadata[-1]["partitionColumns"]


def is_summable(delta_type):
    return isinstance(delta_type, str) and (delta_type in SUMMABLE or delta_type.startswith("decimal"))


def figures_sql(types, relation):
    """Row count, and per column the count of values, sum, least and greatest."""
    parts = ["count(*) as n"]
    for at, (name, delta_type) in enumerate(types.items()):
        column = f'"{name}"'
        parts.append(f"count({column}) as c{at}")
        if is_summable(delta_type):
            parts.append(f"sum({column}) as s{at}")
        if isinstance(delta_type, str) and delta_type != "binary":
            parts.append(f"cast(min({column}) as varchar) as a{at}, cast(max({column}) as varchar) as z{at}")
    return f"select {', '.join(parts)} from {relation}"


class TablesTest(LakeTest):
    @classmethod
    def setUpClass(cls):
        cls.demo_lake = Path(tempfile.mkdtemp(prefix="smelt-lake-"))
        cls.addClassCleanup(shutil.rmtree, cls.demo_lake, ignore_errors=True)
        smelt_ok("demo", "--data", small_data(), "--lake", cls.demo_lake)

    def setUp(self):
        super().setUp()
        self.duck = duckdb.connect()
        self.duck.execute("set timezone = 'UTC'")
        self.addCleanup(self.duck.close)

    def relations(self, table):
        """Name → DuckDB relation with the rows of `table` as that engine sees them."""
        exported = self.folder / f"{table}.parquet"
        smelt_ok("sql", "--lake", self.demo_lake, "-c", f"copy (select * from {table}) to '{exported}'")
        folder = folder_of(self.demo_lake, table)
        files = files_in_log(self.demo_lake, table)
        types = columns(self.demo_lake, table)
        chosen = ", ".join(f'"{name}"' for name in types)
        plain = f"(select {chosen} from read_parquet({files}, hive_partitioning = true, hive_types_autocast = true))"
        self.duck.register("delta_rs", DeltaTable(folder).to_pyarrow_table())
        return {
            "smelt": f"(select {chosen} from '{exported}')",
            "deltalake": f"(select {chosen} from delta_rs)",
            **({"plain Parquet": plain} if files else {}),
        }

    def test_filters_of_deltalake_leave_no_row_out(self):
        """It leaves out files whose statistics lack a bound that others have: of every column there has to be one."""
        for table in tables(self.demo_lake):
            delta_table = DeltaTable(str(folder_of(self.demo_lake, table)))
            rows = delta_table.to_pyarrow_table()
            for column in rows.schema:
                if pa.types.is_nested(column.type) or pa.types.is_binary(column.type) or pa.types.is_floating(column.type):
                    continue
                value = next((one for one in rows[column.name].to_pylist() if one is not None), None)
                if value is None or isinstance(value, Decimal) and len(value.as_tuple().digits) > 15:
                    continue
                with self.subTest(table=table, column=column.name, value=value):
                    wanted = pc.sum(pc.equal(rows[column.name], pa.scalar(value, column.type))).as_py()
                    found = delta_table.to_pyarrow_table(columns=[column.name], filters=[(column.name, "=", value)])
                    self.assertEqual(found.num_rows, wanted)

    def test_there_are_tables_of_every_layer(self):
        schemas = {table.split(".")[0] for table in tables(self.demo_lake)}
        self.assertLessEqual({"bronze", "silver", "gold"}, schemas)

    def test_every_engine_sees_the_same_rows(self):
        for table in tables(self.demo_lake):
            with self.subTest(table):
                relations = self.relations(table)
                types = columns(self.demo_lake, table)
                smelt = relations.pop("smelt")
                for engine, other in relations.items():
                    # Partition values stand in paths as text: compare as the type that the table declares.
                    same = f"select count(*) from (select * from {smelt} except all select * from {other})"
                    self.assertEqual(self.duck.sql(same).fetchone()[0], 0, f"rows that {engine} does not see")
                    figures = [self.duck.sql(figures_sql(types, relation)).fetchone() for relation in (smelt, other)]
                    for found, expected in zip(*figures):
                        self.assert_close(found, expected, engine)

    def test_figures_of_smelt_sql(self):
        """What `smelt sql` itself computes, not what it exports."""
        for table in tables(self.demo_lake):
            with self.subTest(table):
                types = {name: kind for name, kind in columns(self.demo_lake, table).items() if is_summable(kind)}
                (row,) = query(self.demo_lake, figures_sql(types, table))
                self.duck.register("delta_rs", DeltaTable(folder_of(self.demo_lake, table)).to_pyarrow_table())
                expected = self.duck.sql(figures_sql(types, "delta_rs"))
                for name, value in zip(expected.columns, expected.fetchone()):
                    self.assert_close(row[name], value, f"{table}: {name}")

    def assert_close(self, found, expected, what):
        if isinstance(found, (int, float, Decimal)) and expected is not None:
            self.assertAlmostEqual(float(found), float(expected), delta=abs(float(expected)) * 1e-12, msg=what)
        else:
            self.assertEqual(found, None if expected is None else str(expected), what)

    def test_statistics_cover_every_value(self):
        """Other engines skip files by the log's statistics: they must hold for what is in the files."""
        for table in tables(self.demo_lake):
            with self.subTest(table):
                for add in self.adds(table):
                    self.check_statistics(table, add)

    def adds(self, table):
        live = {}
        for _, actions in commits(self.demo_lake, table):
            for action in actions:
                if "remove" in action:
                    live.pop(action["remove"]["path"], None)
                if "add" in action:
                    live[action["add"]["path"]] = action["add"]
        return live.values()

    def check_statistics(self, table, add):
        statistics = json.loads(add["stats"])
        path = folder_of(self.demo_lake, table) / urllib.parse.unquote(add["path"])
        relation = f"read_parquet('{path}', hive_partitioning = false)"
        self.assertEqual(self.duck.sql(f"select count(*) from {relation}").fetchone()[0], statistics["numRecords"])
        for name, nulls in statistics.get("nullCount", {}).items():
            if not isinstance(nulls, dict):
                counted = self.duck.sql(f'select count(*) - count("{name}") from {relation}').fetchone()[0]
                self.assertEqual(counted, nulls, f"{path}: nulls of {name}")
        for bound, comparison in (("minValues", "<"), ("maxValues", ">")):
            for name, value in statistics.get(bound, {}).items():
                if isinstance(value, (int, float, str)):
                    beyond = f'select count(*) from {relation} where "{name}" {comparison} ?'
                    # Timestamps are cut to milliseconds in statistics: a maximum may lie up to one below.
                    slack = " + interval 1 millisecond" if self.is_time(table, name) and comparison == ">" else ""
                    kind = self.duck.sql(f'select typeof("{name}") from {relation} limit 1').fetchone()[0]
                    count = self.duck.execute(beyond.replace("?", f"cast(? as {kind}){slack}"), [value]).fetchone()[0]
                    self.assertEqual(count, 0, f"{path}: values of {name} {comparison} {value}")

    def is_time(self, table, name):
        return str(columns(self.demo_lake, table)[name]).startswith("timestamp")


if __name__ == "__main__":
    outcome = unittest.main(exit=False).result
    sys.stdout.flush()
    sys.stderr.flush()
    # deltalake may abort while the interpreter shuts down, after all work is done.
    os._exit(0 if outcome.wasSuccessful() and outcome.testsRun else 1)
