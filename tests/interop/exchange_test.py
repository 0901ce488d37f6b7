"""Tables that pass from hand to hand: deltalake makes them, smelt reads and changes them, deltalake does again.

After each step both must see the same rows, and those that a plain DuckDB table has after the same changes.
"""

import datetime
import decimal
import math
import unittest

import duckdb
import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, QueryBuilder, write_deltalake

import encoded_rows
from smelt_program import LakeTest, commits, folder_of, smelt, smelt_ok

UTC = datetime.timezone.utc

# One column for each type, with the values where engines go wrong.
VALUES = {
    "b": (pa.bool_(), [True, False, None, True]),
    "i8": (pa.int8(), [-128, 127, None, 0]),
    "i16": (pa.int16(), [-32768, 32767, None, 0]),
    "i32": (pa.int32(), [-(2**31), 2**31 - 1, None, 0]),
    "i64": (pa.int64(), [-(2**63), 2**63 - 1, None, 0]),
    "f32": (pa.float32(), [-math.inf, math.nan, None, -0.0]),
    "f64": (pa.float64(), [math.inf, math.nan, None, 5e-324]),
    "d9": (pa.decimal128(9, 2), [decimal.Decimal("-9999999.99"), decimal.Decimal("9999999.99"), None, decimal.Decimal(0)]),
    "d38": (pa.decimal128(38, 10), [decimal.Decimal("-1e27"), decimal.Decimal("1234567890123456789012345678.0000000001"), None, decimal.Decimal("0.1")]),
    "s": (pa.string(), ["", "é\U0001f600'\"\\\n%", None, "x" * 100]),
    "bin": (pa.binary(), [b"", b"\x00\xff", None, b"z" * 40]),
    "d": (pa.date32(), [datetime.date(1, 1, 1), datetime.date(9999, 12, 31), None, datetime.date(1582, 10, 10)]),
    "ts": (
        pa.timestamp("us", "UTC"),
        [datetime.datetime(1, 1, 1, tzinfo=UTC), datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, UTC), None, datetime.datetime(1969, 12, 31, 23, 59, 59, 999999, UTC)],
    ),
    "ntz": (
        pa.timestamp("us"),
        [datetime.datetime(1, 1, 1), datetime.datetime(9999, 12, 31, 23, 59, 59, 999999), None, datetime.datetime(2024, 3, 31, 2, 30)],
    ),
}  # fmt: skip


def every_type():
    columns = {"id": pa.array(range(4), pa.int64())}
    columns |= {name: pa.array(values, type_) for name, (type_, values) in VALUES.items()}
    return pa.table(columns)


def nested():
    struct = pa.struct([("a", pa.int32()), ("b", pa.list_(pa.struct([("c", pa.string())])))])
    return pa.table(
        {
            "id": pa.array(range(4), pa.int64()),
            "st": pa.array([{"a": 1, "b": [{"c": "x"}, None, {"c": None}]}, {"a": None, "b": []}, None, {"a": 3, "b": None}], struct),
            "li": pa.array([[1, None, 3], [], None, [4]], pa.list_(pa.int64())),
            "ll": pa.array([[[1], []], [None], None, [[2, 3]]], pa.list_(pa.list_(pa.int64()))),
            "ma": pa.array([[("k", 1), ("é", None)], [], None, [("z", 9)]], pa.map_(pa.string(), pa.int64())),
        }
    )  # fmt: skip


class ExchangeTest(LakeTest):
    """Keeps the expected rows of `self.table` in a DuckDB table named `model`."""

    table = "silver.t"

    def setUp(self):
        super().setUp()
        self.model = duckdb.connect()
        self.addCleanup(self.model.close)
        self.model.sql("set timezone = 'UTC'")

    @property
    def address(self):
        return str(folder_of(self.lake, self.table))

    def made_by_peer(self, rows, **options):
        folder_of(self.lake, self.table).parent.mkdir(parents=True, exist_ok=True)
        write_deltalake(self.address, rows, **options)
        self.model.register("rows", rows)
        self.model.sql("create or replace table model as from rows")

    def smelt(self, statement):
        smelt_ok("sql", "--lake", self.lake, "-c", statement.format(t=self.table))

    def both(self, statement):
        """Changes the table through smelt, and the model."""
        self.smelt(statement)
        self.model.sql(statement.format(t="model"))

    def check(self):
        out = self.folder / "out.parquet"
        self.smelt(f"copy (from {{t}}) to '{out}'")
        peer = DeltaTable(self.address).to_pyarrow_table()
        self.model.register("peer", peer)
        names = ", ".join(f'"{name}"' for name in self.model.table("model").columns)
        for other in (f"'{out}'", "peer"):
            for one, two in (("model", other), (other, "model")):
                extra = self.model.sql(f"select {names} from {one} except all select {names} from {two}").fetchall()
                self.assertEqual(extra, [], f"rows of {one} that {two} lacks")

    def change_a_lot(self):
        """Every kind of statement, a look after each."""
        for statement in (
            "insert into {t} select * replace (id + 10 as id) from {t}",
            "delete from {t} where id = 1",
            "update {t} set id = id + 100 where id in (2, 12)",
            "insert into {t} by name select 50 as id",
        ):
            self.both(statement)
            self.check()
        self.smelt("call optimize('{t}')")
        self.check()

    def test_every_type(self):
        self.made_by_peer(every_type())
        self.check()
        self.change_a_lot()

    def test_nested_types(self):
        self.made_by_peer(nested())
        self.check()
        self.change_a_lot()

    def test_every_encoding(self):
        for codec in encoded_rows.CODECS:
            with self.subTest(codec):
                self.table = f"silver.{codec}"
                smelt_ok("sql", "--lake", self.lake, "-c", encoded_rows.create(self.table, 15000, codec))
                out = self.folder / f"{codec}.parquet"
                # Sorted, lest they be the written file's pages once more.
                self.smelt(f"copy (from {{t}} order by i desc) to '{out}' (format parquet)")
                self.model.sql(f"create or replace table model as from '{out}'")
                self.check()
                self.both("delete from {t} where i % 100 = 7")
                self.check()
                names = self.model.table("model").columns
                rust = QueryBuilder().register("t", DeltaTable(self.address)).execute("select * from t")
                self.model.register("rust", rust)
                listed = ", ".join(f'"{name}"' for name in names)
                self.assertEqual(self.model.sql(f"select {listed} from model except all select {listed} from rust").fetchall(), [])

    def test_every_type_as_partition(self):
        rows = every_type()
        for column in set(VALUES) - {"bin"}:  # deltalake does not read its own
            if column in ("d9", "d38"):  # deltalake writes -1.99 as "-1.-99"
                rows = rows.set_column(rows.column_names.index(column), column, pa.array([0, 1, None, 2], pa.int8()).cast(VALUES[column][0]))
            if column == "f64":  # as a folder, the least number is too long for deltalake
                rows = rows.set_column(rows.column_names.index(column), column, pa.array([math.inf, math.nan, None, 0.1]))
            with self.subTest(column):
                self.table = f"silver.by_{column}"
                self.made_by_peer(rows.select(["id", column]), partition_by=[column])
                if column == "s":  # the protocol knows no empty text there
                    self.model.sql("update model set s = null where s = ''")
                self.check()
                self.change_a_lot()

    def test_partitions_with_odd_names(self):
        texts = ["a/b", "a=b", "a%20b", "a b", "ü", "?#&", "..", "'", '"', "\\", ":", "{x}", "a\tb", None]
        rows = pa.table({"id": pa.array(range(len(texts)), pa.int64()), "odd name=%": pa.array(texts, pa.string())})
        self.made_by_peer(rows, partition_by=["odd name=%"])
        self.check()
        self.change_a_lot()

    def test_merges_of_both(self):
        self.made_by_peer(pa.table({"id": pa.array(range(100), pa.int64()), "v": pa.array(["old"] * 100, pa.string())}))
        source = pa.table({"id": pa.array(range(90, 110), pa.int64()), "v": pa.array(["new"] * 20, pa.string())})
        (
            DeltaTable(self.address).merge(source, "t.id = s.id", source_alias="s", target_alias="t")
            .when_matched_update_all().when_not_matched_insert_all().execute()
        )  # fmt: skip
        self.model.register("source", source)
        self.model.sql("delete from model where id in (select id from source); insert into model from source")
        self.check()
        self.smelt(
            "merge into {t} as t using (select range as id, 'newer' as v from range(105, 115)) s on t.id = s.id"
            " when matched then update set v = s.v when not matched then insert"
            " when not matched by source and t.id < 5 then delete"
        )
        self.model.sql("delete from model where id < 5 or id >= 105")
        self.model.sql("insert into model select range, 'newer' from range(105, 115)")
        self.check()

    def test_checkpoints_of_both(self):
        self.made_by_peer(every_type())
        for n in range(3):
            self.both(f"insert into {{t}} by name select {1000 + n} as id")
        DeltaTable(self.address).create_checkpoint()
        self.both("delete from {t} where id = 0")
        self.check()
        self.smelt("alter table {t} set ('delta.checkpointInterval' = '2')")
        for n in range(4):
            self.both(f"insert into {{t}} by name select {2000 + n} as id")
        self.assertTrue(list((folder_of(self.lake, self.table) / "_delta_log").glob("*.checkpoint.parquet")))
        for _, name in commits(self.lake, self.table):  # the log is only a checkpoint and what follows it
            self.assertTrue(name)
        DeltaTable(self.address).cleanup_metadata()
        self.check()
        write_deltalake(self.address, every_type(), mode="append")
        self.model.register("more", every_type())
        self.model.sql("insert into model from more")
        self.check()

    def test_constraints_of_the_peer_hold(self):
        self.made_by_peer(pa.table({"id": pa.array([1, 2], pa.int64()), "v": pa.array(["a", "b"])}))
        DeltaTable(self.address).alter.add_constraint({"id_is_positive": "id > 0"})
        result = smelt("sql", "--lake", self.lake, "-c", f"insert into {self.table} values (-1, 'x')")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("id_is_positive", result.stderr)
        self.both("insert into {t} values (3, 'c')")
        self.check()
        self.smelt("alter table {t} set ('delta.constraints.v_is_short' = 'length(v) < 5')")
        with self.assertRaisesRegex(Exception, "validation check"):
            write_deltalake(self.address, pa.table({"id": pa.array([4], pa.int64()), "v": pa.array(["too long"])}), mode="append")
        self.check()

    def test_appended_only_tables_refuse_deletes(self):
        self.made_by_peer(pa.table({"id": pa.array([1, 2], pa.int64())}), configuration={"delta.appendOnly": "true"})
        self.both("insert into {t} values (3)")
        result = smelt("sql", "--lake", self.lake, "-c", f"delete from {self.table} where id = 1")
        self.assertIn("SMELT-DELTA-0008", result.stderr)
        self.check()

    def test_new_columns_of_either_side(self):
        self.made_by_peer(pa.table({"id": pa.array([1, 2], pa.int64())}))
        more = pa.table({"id": pa.array([3], pa.int64()), "name": pa.array(["x"])})
        write_deltalake(self.address, more, mode="append", schema_mode="merge")
        self.model.sql("alter table model add column name varchar; insert into model values (3, 'x')")
        self.check()
        self.both("alter table {t} add column amount decimal(10, 2)")
        self.both("insert into {t} values (4, 'y', 1.25)")
        self.both("update {t} set amount = id where id < 3")
        self.check()

    def test_optimized_and_vacuumed_by_the_peer(self):
        self.made_by_peer(pa.table({"id": pa.array([1], pa.int64()), "p": pa.array(["a"])}), partition_by=["p"])
        for n in range(5):
            self.both(f"insert into {{t}} values ({n + 10}, 'a'), ({n + 20}, 'b')")
        table = DeltaTable(self.address)
        self.assertEqual(table.optimize.compact()["numFilesAdded"], 2)
        self.check()
        table.optimize.z_order(["id"])
        table.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
        self.check()
        self.both("delete from {t} where id >= 20")
        self.check()
        table = DeltaTable(self.address)
        table.restore(table.version() - 1)
        self.model.sql("insert into model select range + 20, 'b' from range(5)")
        self.check()

    def test_marks_of_applications_stay(self):
        self.made_by_peer(pa.table({"id": pa.array([1], pa.int64())}))
        from deltalake.transaction import Transaction  # noqa: PLC0415

        mark = CommitProperties(app_transactions=[Transaction("loader", 7)])
        write_deltalake(self.address, pa.table({"id": pa.array([2], pa.int64())}), mode="append", commit_properties=mark)
        self.model.sql("insert into model values (2)")
        self.smelt("alter table {t} set ('delta.checkpointInterval' = '1')")
        self.both("delete from {t} where id = 1")
        self.check()
        self.assertEqual(DeltaTable(self.address).transaction_version("loader"), 7)

    def test_feeds_of_changes(self):
        self.made_by_peer(
            pa.table({"id": pa.array(range(5), pa.int64()), "v": pa.array(["a"] * 5)}),
            configuration={"delta.enableChangeDataFeed": "true"},
        )
        DeltaTable(self.address).update(updates={"v": "'b'"}, predicate="id = 1")
        DeltaTable(self.address).delete("id = 2")
        theirs = pa.table(DeltaTable(self.address).load_cdf(starting_version=0)).select(["id", "v", "_change_type", "_commit_version"])
        out = self.folder / "feed.parquet"
        self.smelt(f"copy (select id, v, _change_type, _commit_version from table_changes('{{t}}', 0, 2)) to '{out}'")
        self.model.register("theirs", theirs)
        self.assertEqual(self.model.sql(f"from theirs except all from '{out}'").fetchall(), [])
        self.assertEqual(self.model.sql(f"from '{out}' except all from theirs").fetchall(), [])


if __name__ == "__main__":
    unittest.main()
