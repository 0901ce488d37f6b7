"""Tables with features of the protocol that smelt wrote to, read by deltalake and looked at in their files."""

import unittest

import pyarrow as pa
from deltalake import DeltaTable

from smelt_program import LakeTest, folder_of, query, smelt_ok


class FeaturesTest(LakeTest):
    def sql(self, text):
        smelt_ok("sql", "--lake", self.lake, "-c", text)

    def peer(self, table="main.t", **options):
        return DeltaTable(folder_of(self.lake, table), **options)


class ChangeFeedTest(FeaturesTest):
    def assert_feeds_agree(self, first, columns):
        """Both see the same changes since version `first`."""
        feed = pa.table(self.peer().load_cdf(starting_version=first).read_all()).to_pylist()
        wanted = [*columns, "_change_type", "_commit_version"]
        theirs = sorted(str([str(row[column]) for column in wanted]) for row in feed)
        ours = query(self.lake, f"select {', '.join(wanted)} from table_changes('main.t', {first})")
        self.assertEqual(theirs, sorted(str([str(row[column]) for column in wanted]) for row in ours))
        return len(theirs)

    def test_every_statement(self):
        self.sql(
            "create table t (id bigint, a varchar) with ('delta.enableChangeDataFeed' = 'true');"
            "insert into t select range, 'a' || range from range(100);"
            "update t set a = 'b' where id < 10; delete from t where id between 20 and 29;"
            "merge into t using (select range as id, 'c' as a from range(95, 105)) as s on t.id = s.id"
            " when matched and t.id = 95 then delete when matched then update set a = s.a when not matched then insert *;"
            "delete from t"
        )
        self.assertEqual(self.assert_feeds_agree(0, ["id", "a"]), 100 + 20 + 10 + (1 + 8 + 5) + 94)

    def test_partitions(self):
        # Of plain names: deltalake's feed does not decode the paths of data files.
        self.sql(
            "create table t (id bigint, day date, name varchar) partitioned by (day, name)"
            " with ('delta.enableChangeDataFeed' = 'true');"
            "insert into t select range, date '2024-05-01' + (range % 3)::integer,"
            " case range % 2 when 0 then 'ab' end from range(60);"
            "update t set name = 'c' where id < 6; delete from t where id > 50"
        )
        self.assertEqual(self.assert_feeds_agree(1, ["id", "day", "name"]), 60 + 12 + 9)


if __name__ == "__main__":
    unittest.main()
