"""The files of the log beside the commits: checksums, checkpoints of the second kind, metrics; deltalake is the judge."""

import json
import unittest
from pathlib import Path

import pyarrow.parquet as pq
from deltalake import DeltaTable

from smelt_program import LakeTest, folder_of, query, scalar, smelt_ok


class LogFilesTest(LakeTest):
    def sql(self, text):
        smelt_ok("sql", "--lake", self.lake, "-c", text)

    def log(self):
        return Path(folder_of(self.lake, "main.t")) / "_delta_log"

    def peer(self):
        return DeltaTable(folder_of(self.lake, "main.t"))

    def assert_peer_agrees(self):
        # From the files that it lists: its way to Arrow knows fewer features than its log does.
        theirs = sorted(a for file in self.peer().file_uris() for a in pq.read_table(file).column("a").to_pylist())
        self.assertEqual(theirs, [row["a"] for row in query(self.lake, "select a from t order by a")])
        return theirs

    def test_checksums_say_what_the_peer_finds(self):
        self.sql("create table t (a bigint); insert into t select range from range(100); insert into t values (100)")
        self.sql("delete from t where a % 2 = 0; call optimize('t')")
        self.assert_peer_agrees()
        for version in range(self.peer().version() + 1):
            checksum = json.loads((self.log() / f"{version:020}.crc").read_text())
            then = DeltaTable(folder_of(self.lake, "main.t"), version=version)
            sizes = then.get_add_actions(flatten=True).column("size_bytes").to_pylist()
            self.assertEqual((checksum["numFiles"], checksum["tableSizeBytes"]), (len(sizes), sum(sizes)), version)
            self.assertEqual(checksum["metadata"]["id"], str(then.metadata().id))
            self.assertEqual(checksum["protocol"]["minReaderVersion"], then.protocol().min_reader_version)

    def test_v2_checkpoints(self):
        self.sql(
            "create table t (a bigint) with ('delta.checkpointPolicy' = 'v2', 'delta.checkpointInterval' = '3')"
        )
        for n in range(7):
            self.sql(f"insert into t values ({n})")
        tops = sorted(path.name for path in self.log().glob("*.checkpoint.*.json"))
        self.assertEqual([name[:20] for name in tops], [f"{version:020}" for version in (3, 6)])
        self.assertEqual(len(list((self.log() / "_sidecars").glob("*.parquet"))), 2)
        self.assertEqual(self.assert_peer_agrees(), list(range(7)))
        for version in range(6):
            (self.log() / f"{version:020}.json").unlink()
        self.assertEqual(self.assert_peer_agrees(), list(range(7)), "from the checkpoint alone")

    def test_metrics_have_the_names_of_spark(self):
        self.sql("create table t (a bigint, b bigint); insert into t select range, 0 from range(10)")
        self.sql("update t set b = 1 where a < 3")
        self.sql("delete from t where a = 9")
        self.sql(
            "merge into t using (values (1, 5), (2, 5), (77, 5)) s(a, b) on t.a = s.a when matched and s.a = 1 then delete "
            "when matched then update set b = s.b when not matched then insert values (s.a, s.b)"
        )
        metrics = {entry["operation"]: entry.get("operationMetrics", {}) for entry in self.peer().history()}
        self.assertEqual(metrics["WRITE"]["numOutputRows"], "10")
        self.assertEqual(metrics["UPDATE"]["numUpdatedRows"], "3")
        self.assertEqual(metrics["UPDATE"]["numCopiedRows"], "7")
        self.assertEqual(metrics["DELETE"]["numDeletedRows"], "1")
        merge = metrics["MERGE"]
        counts = [merge[f"numTargetRows{what}"] for what in ("Inserted", "Updated", "Deleted", "Copied")]
        self.assertEqual(counts[:3], ["1", "1", "1"])
        self.assertEqual(scalar(self.lake, "select count(*) from t"), 9)

    def test_vacuum_takes_deletion_vectors_that_nobody_needs(self):
        self.sql(
            "create table t (a bigint) with ('delta.enableDeletionVectors' = 'true');"
            "insert into t select range from range(100000)"
        )
        folder = Path(folder_of(self.lake, "main.t"))

        def vectors():
            return len(list(folder.glob("deletion_vector_*.bin")))

        self.sql("delete from t where a % 3 = 0")
        self.sql("delete from t where a % 5 = 0")
        self.assertEqual(vectors(), 2)
        self.sql("call vacuum('t', retain_hours => 0, retention_check => false)")
        self.assertEqual(vectors(), 1)
        self.assertEqual(scalar(self.lake, "select count(*) from t"), sum(1 for a in range(100000) if a % 3 and a % 5))


if __name__ == "__main__":
    unittest.main()
