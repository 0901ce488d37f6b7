"""Tables that smelt has maintained, read by deltalake; and tables that deltalake wrote, maintained by smelt."""

import datetime
import unittest

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, write_deltalake

from smelt_program import LakeTest, folder_of, query, scalar, smelt_ok

ROWS = "select range as id, 'n' || range % 7 as name, date '2024-05-01' + (range % 3)::integer as day from range({}, {})"


class MaintenanceTest(LakeTest):
    def sql(self, text):
        smelt_ok("sql", "--lake", self.lake, "-c", text)

    def make_table(self):
        self.sql(
            "create table t (id bigint, name varchar, day date) partitioned by (day);"
            + "".join(f"insert into t {ROWS.format(first, first + 100)};" for first in range(0, 500, 100))
        )

    def peer(self, table="main.t", **options):
        return DeltaTable(folder_of(self.lake, table), **options)

    def assert_peer_agrees(self, table="main.t"):
        """Both see the same rows, in the same files."""
        theirs = self.peer(table)
        rows = sorted(row["id"] for row in theirs.to_pyarrow_table().to_pylist())
        self.assertEqual(rows, [row["id"] for row in query(self.lake, f"select id from {table} order by id")])
        (detail,) = query(self.lake, f"select files, version from table_detail('{table}')")
        self.assertEqual(detail, {"files": len(theirs.file_uris()), "version": theirs.version()})
        return rows

    def test_optimized(self):
        self.make_table()
        for options in ("", ", zorder => ['id', 'name']", ", zorder => ['name', 'id'], curve => 'hilbert'"):
            self.sql(f"delete from t where id % 50 = 7; call optimize('t'{options})")
            self.assertGreater(len(self.assert_peer_agrees()), 400)
            last = self.peer().history(1)[0]
            self.assertEqual(last["operation"], "OPTIMIZE")
            self.assertGreater(int(last["operationMetrics"]["numRemovedFiles"]), 0)
        by_partition = self.peer().to_pyarrow_table(filters=[("day", "=", datetime.date(2024, 5, 1))])
        self.assertEqual(by_partition.num_rows, scalar(self.lake, "select count(*) from t where day = date '2024-05-01'"))

    def test_vacuumed(self):
        self.make_table()
        self.sql("call optimize('t'); call vacuum('t', retain_hours => 0, retention_check => false)")
        self.assert_peer_agrees()
        self.assertEqual([entry["operation"] for entry in self.peer().history(2)], ["VACUUM END", "VACUUM START"])
        listed = self.peer().vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=True, full=True)
        left = [path for path in listed if (folder_of(self.lake, "main.t") / path).exists()]
        self.assertEqual(left, [], "files that deltalake would still delete")

    def test_restored(self):
        self.make_table()
        self.sql("delete from t where id < 250; alter table t add column note varchar; insert into t values (999, 'x', null, 'y')")
        self.sql("call restore('t', version => 3)")
        self.assertEqual(len(self.assert_peer_agrees()), 300)
        self.assertEqual([field.name for field in self.peer().schema().fields], ["id", "name", "day"])
        self.assertEqual(self.peer().history(1)[0]["operation"], "RESTORE")

    def test_deep_clone(self):
        self.make_table()
        self.sql("create schema copies; call clone('t', 'copies.t', version => 4)")
        self.assertEqual(len(self.assert_peer_agrees("copies.t")), 400)

    def test_converted(self):
        table = pa.table({"id": pa.array([1, 2, None], pa.int64()), "name": ["a", None, "c"], "price": [1.5, -2.0, None]})
        folder = folder_of(self.lake, "landed.t")
        for country in ("DE", "F R"):
            (folder / f"country={country}").mkdir(parents=True)
            pq.write_table(table, folder / f"country={country}/part.parquet")
        smelt_ok("table", "convert", "landed.t", "--lake", self.lake)
        theirs = self.peer("landed.t")
        self.assertEqual(theirs.to_pyarrow_table().num_rows, 6)
        self.assertEqual(theirs.metadata().partition_columns, ["country"])
        actions = pa.table(theirs.get_add_actions(flatten=True)).to_pylist()
        self.assertEqual({action["partition.country"] for action in actions}, {"DE", "F R"})
        for action in actions:
            self.assertEqual(action["num_records"], 3)
            self.assertEqual((action["min.id"], action["max.id"], action["null_count.id"]), (1, 2, 1))
            self.assertEqual((action["min.price"], action["max.price"]), (-2.0, 1.5))
            self.assertEqual((action["min.name"], action["max.name"], action["null_count.name"]), ("a", "c", 1))
        self.assertEqual(scalar(self.lake, "select count(*) from landed.t where id >= 2 and country = 'F R'"), 1)

    def test_a_table_of_deltalake(self):
        folder = folder_of(self.lake, "theirs.t")
        for first in range(0, 300, 100):
            rows = pa.table({"id": pa.array(range(first, first + 100), pa.int64()), "day": ["a", "b"] * 50})
            write_deltalake(folder, rows, partition_by=["day"], mode="append")
        DeltaTable(folder).delete("id % 10 = 3")
        self.sql("call optimize('theirs.t', zorder => ['id']); call vacuum('theirs.t', retain_hours => 0, retention_check => false)")
        self.assertEqual(len(self.assert_peer_agrees("theirs.t")), 270)
        self.assertEqual(scalar(self.lake, "select count(*) from fsck('theirs.t')"), 0)
        DeltaTable(folder).optimize.compact()
        self.sql("delete from theirs.t where id = 0")
        self.assertEqual(len(self.assert_peer_agrees("theirs.t")), 269)


if __name__ == "__main__":
    unittest.main()
