"""Tables that pass from hand to hand between smelt and Spark with Delta Lake, the reference implementation.

A statement that both understand is run by one of them, then the next one by the other. smelt looks at the rows after each,
Spark, which takes a second or two to read a table, at the end of a sequence and at a version in its middle.
"""

import unittest

from smelt_program import commits, folder_of, query, scalar
from spark_session import PassingTest

CHANGES = (
    "insert into {t} select id, 'a' || id, id % 3 from range(20) as r(id)",
    "update {t} set a = 'changed' where id in (3, 7, 11)",
    "delete from {t} where id between 12 and 14",
    "merge into {t} as t using (select id, 'merged' as a, 7 as p from range(18, 24) as r(id)) as s on t.id = s.id"
    " when matched and t.id = 18 then delete when matched then update set a = s.a"
    " when not matched then insert (id, a, p) values (s.id, s.a, s.p)",
    "insert into {t} values (100, null, null), (101, '', 2)",
    "delete from {t} where p = 1",
    "update {t} set p = 5 where a is null",
)
COUNTS = (20, 20, 17, 20, 22, 16, 16)


class FeaturesTest(PassingTest):
    def change(self, one, other, properties=None, partitions=()):
        """Makes main.t and passes CHANGES between the two."""
        self.create(one, "id bigint, a string, p int", properties, partitions)
        for at, (statement, count) in enumerate(zip(CHANGES, COUNTS)):
            (other, one)[at % 2](statement)
            self.assertEqual(scalar(self.lake, "select count(*) from t"), count, statement)
        self.assert_agree(COUNTS[-1])
        middle = len(CHANGES) // 2
        theirs = self.rows_of_spark(f"select * from {self.address('main.t')} version as of {middle}")
        self.assertEqual(self.rows_of_smelt(f"from t at (version => {middle})"), theirs)

    def pass_changes(self, properties=None, partitions=(), then=lambda one, other: None):
        def body(one, other):
            self.change(one, other, properties, partitions)
            then(one, other)

        self.in_both_orders(body)

    def test_plain_table(self):
        self.pass_changes({"delta.checkpointInterval": "2"})

    def test_columns_by_id(self):
        self.pass_changes({"delta.columnMapping.mode": "id"}, partitions=("p",))

    def test_everything_at_once(self):
        def histories_agree(*_):
            ours = query(self.lake, "select version, epoch_us(timestamp) as t from table_history('main.t') order by version")
            theirs = self.spark("describe history {t}").select("version", "timestamp").orderBy("version").collect()
            self.assertEqual([row["version"] for row in ours], [row.version for row in theirs])
            self.assertEqual([row["t"] // 1000 for row in ours], [round(row.timestamp.timestamp() * 1000) for row in theirs])

        self.pass_changes(
            {
                "delta.enableDeletionVectors": "true",
                "delta.columnMapping.mode": "name",
                "delta.enableRowTracking": "true",
                "delta.enableInCommitTimestamps": "true",
                "delta.enableTypeWidening": "true",
                "delta.checkpointPolicy": "v2",
                "delta.checkpointInterval": "2",
                "delta.isolationLevel": "Serializable",
            },
            partitions=("p",),
            then=histories_agree,
        )

    def test_change_feed(self):
        def feeds_agree(*_):
            columns = "id, a, p, _change_type, _commit_version"
            ours = self.rows_of_smelt(f"select {columns} from table_changes('main.t', 0, {len(CHANGES)})")
            path = folder_of(self.lake, "main.t")
            theirs = self.rows_of_spark(f"select {columns} from table_changes_by_path('{path}', 0, {len(CHANGES)})")
            self.assertEqual(ours, theirs)
            self.assertGreater(len(ours), 40)

        feed = {"delta.enableChangeDataFeed": "true"}
        self.change(self.smelt_statement, self.spark_statement, feed, partitions=("p",))
        feeds_agree()
        self.lake = self.new_lake()
        more = {"delta.enableDeletionVectors": "true", "delta.columnMapping.mode": "name"}
        self.change(self.spark_statement, self.smelt_statement, feed | more, partitions=("p",))
        feeds_agree()

    def test_row_tracking(self):
        """The hidden ids that Spark sees stay those of their rows, whoever changes the table."""

        def ids_stay(one, other, more):
            self.change(one, other, {"delta.enableRowTracking": "true"} | more)
            before = {}
            for version in range(1, len(CHANGES) + 1):
                rows = query(self.lake, f"select id, _row_id as r, _row_commit_version as v from table_row_ids('t', version => {version})")
                after = {row["id"]: row["r"] for row in rows}
                self.assertEqual(len(set(after.values())), len(after), "row ids are unique")
                kept = before.keys() & after.keys()
                self.assertEqual({key: after[key] for key in kept}, {key: before[key] for key in kept}, CHANGES[version - 1])
                self.assertLessEqual(max(row["v"] for row in rows), version)
                before = after
            found = self.spark("select id, _metadata.row_id as r, _metadata.row_commit_version as v from {t}").collect()
            self.assertEqual({(row.id, row.r, row.v) for row in found}, {(row["id"], row["r"], row["v"]) for row in rows})

        ids_stay(self.smelt_statement, self.spark_statement, {})
        self.lake = self.new_lake()
        ids_stay(self.spark_statement, self.smelt_statement, {"delta.enableDeletionVectors": "true"})

    def test_maintenance(self):
        """Files rewritten by the one are read and rewritten by the other."""

        def rewrite(one, other):
            log = [action for _, actions in commits(self.lake, "main.t") for action in actions]
            self.assertGreaterEqual(sum("deletionVector" in action.get("add", {}) for action in log), 3)
            ours = ("call optimize('main.t', zorder => ['id'])", "call reorg('main.t')")
            theirs = ("optimize {t} zorder by (id)", "reorg table {t} apply (purge)")
            rewrites = zip(ours, theirs) if one == self.smelt_statement else zip(theirs, ours)
            for by_one, by_other in rewrites:
                one(by_one)
                other(by_other)
            self.assert_agree(COUNTS[-1])
            few = scalar(self.lake, "select count(*) from main.t where id < 4")
            one("delete from {t} where id < 4")
            self.assertEqual(scalar(self.lake, "select count(*) from t"), COUNTS[-1] - few)
            self.spark("restore table {t} to version as of 3")
            self.assertEqual(scalar(self.lake, "select count(*) from t"), COUNTS[2])
            self.sql("call restore('main.t', version => 2)")
            self.assert_agree(COUNTS[1])

        properties = {"delta.enableDeletionVectors": "true", "delta.enableRowTracking": "true"}
        self.pass_changes(properties, then=rewrite)


if __name__ == "__main__":
    unittest.main()
