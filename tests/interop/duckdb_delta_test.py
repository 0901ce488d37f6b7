"""Tables that smelt wrote, read by DuckDB's own extension for Delta tables, which goes by the Delta kernel."""

import unittest
from pathlib import Path

import duckdb
import duckdb_extension_delta
from smelt_program import LakeTest, folder_of, smelt_ok

CHANGES = """
insert into t select range, 'name ' || range, range % 5, {'x': range, 'l': [range::varchar]} from range(1000);
update t set a = 'changed' where id % 100 = 3;
delete from t where id between 200 and 299;
merge into t using (select range as id, 'merged' as a from range(990, 1010)) as s on t.id = s.id
  when matched then update set a = s.a when not matched then insert (id, a, p) values (s.id, s.a, 7);
insert into t values (5000, '', null, null), (5001, null, 1, {'x': null, 'l': []});
"""


class DuckdbDeltaTest(LakeTest):
    def setUp(self):
        super().setUp()
        self.peer = duckdb.connect()
        self.addCleanup(self.peer.close)
        (extension,) = Path(duckdb_extension_delta.__file__).parent.rglob("*.duckdb_extension")
        self.peer.execute(f"load '{extension}'")

    def assert_agree(self, table="main.t"):
        target = self.folder / "rows.parquet"
        smelt_ok("sql", "--lake", self.lake, "-c", f"copy (from {table}) to '{target}' (format parquet)")
        ours = self.peer.execute(f"from '{target}' order by all").fetchall()
        theirs = self.peer.execute(f"from delta_scan('{folder_of(self.lake, table)}') order by all").fetchall()
        self.assertEqual([(a, b) for a, b in zip(ours, theirs) if a != b], [])
        self.assertEqual(len(ours), len(theirs))
        return len(ours)

    def make(self, properties="", partitions="", then=""):
        columns = "id bigint, a varchar, p integer, s struct(x bigint, l varchar[])"
        script = f"create table t ({columns}) {partitions} {properties and f'with ({properties})'}; {CHANGES} {then}"
        smelt_ok("sql", "--lake", self.lake, "-c", script)

    def test_plain(self):
        self.make()
        self.assertEqual(self.assert_agree(), 1000 - 100 + 10 + 2)

    def test_partitions_and_checkpoints(self):
        self.make("'delta.checkpointInterval' = '2'", "partitioned by (p)")
        self.assertEqual(self.assert_agree(), 912)

    def test_deletion_vectors(self):
        self.make("'delta.enableDeletionVectors' = 'true', 'delta.checkpointPolicy' = 'v2', 'delta.checkpointInterval' = '2'")
        self.assertEqual(self.assert_agree(), 912)

    def test_mapped_columns(self):
        # Without partitions: the extension looks for their values under the columns' own names, and finds NULL.
        for mode in ("name", "id"):
            with self.subTest(mode):
                renamed = "alter table t rename column a to b; insert into t (id, b) values (9000, 'b')"
                self.make(f"'delta.columnMapping.mode' = '{mode}'", then=renamed)
                self.assertEqual(self.assert_agree(), 913)
                smelt_ok("sql", "--lake", self.lake, "-c", "drop table t")

    def test_row_tracking_and_commit_times(self):
        self.make("'delta.enableRowTracking' = 'true', 'delta.enableInCommitTimestamps' = 'true'", then="call optimize('t')")
        self.assertEqual(self.assert_agree(), 912)

    def test_selective_queries(self):
        """Files are skipped by the statistics that smelt wrote."""
        self.make()
        found = self.peer.execute(f"select count(*) from delta_scan('{folder_of(self.lake, 'main.t')}') where id = 995").fetchone()
        self.assertEqual(found, (1,))


if __name__ == "__main__":
    unittest.main()
