"""Tables with features of the protocol that smelt wrote to, read by deltalake and looked at in their files."""

import datetime
import decimal
import json
import unittest
import urllib.parse

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable

import variant_values
from smelt_program import LakeTest, commits, folder_of, query, smelt, smelt_ok


def live_files(lake, table):
    """The paths of the files that a table consists of, by its log."""
    files = {}
    for _, actions in commits(lake, table):
        for action in actions:
            if "add" in action:
                files[action["add"]["path"]] = True
            if "remove" in action:
                files.pop(action["remove"]["path"], None)
    return [folder_of(lake, table) / urllib.parse.unquote(path) for path in files]


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


class VariantTest(FeaturesTest):
    def test_files_hold_the_values(self):
        """Put together by the specification of Parquet from what pyarrow reads."""
        self.sql(
            "create table t (id int, v variant);"
            "insert into t select i, case i % 5 when 0 then {'a': i, 'b': ['x' || i, null], 'c': {'d': i / 2}}::variant"
            " when 1 then {'a': 'text ' || repeat('y', 100), 'only': true}::variant when 2 then i::variant"
            " when 3 then (date '2024-05-01' + i::int)::variant end from range(50) t(i);"
            "insert into t values (50, [1, 2]::variant), (51, 'hi'::variant), (52, 1.25::decimal(9, 2)::variant),"
            " (53, -5000000000::variant);"
            "delete from t where id = 0"
        )
        found = {}
        for path in live_files(self.lake, "main.t"):
            for row in pq.read_table(path, partitioning=None).to_pylist():
                found[row["id"]] = variant_values.variant(row["v"])
        expected = {}
        for i in range(1, 50):
            expected[i] = [
                {"a": i, "b": [f"x{i}", None], "c": {"d": i / 2}},
                {"a": "text " + "y" * 100, "only": True},
                i,
                datetime.date(2024, 5, 1) + datetime.timedelta(days=i),
                None,
            ][i % 5]
        expected |= {50: [1, 2], 51: "hi", 52: decimal.Decimal("1.25"), 53: -5000000000}
        self.assertEqual(found, expected)

    def test_shredded_files_without_a_mark(self):
        """Shredded groups without Parquet's mark for variants are refused, not misread."""
        self.sql("create table t (id int, v variant); insert into t select i, {'a': i}::variant from range(12) t(i)")
        [path] = live_files(self.lake, "main.t")
        foreign = path.with_name("foreign.parquet")
        pq.write_table(pq.read_table(path, partitioning=None), foreign)
        add = {"path": foreign.name, "partitionValues": {}, "size": foreign.stat().st_size, "modificationTime": 0, "dataChange": False}
        remove = {"path": path.name, "dataChange": False, "deletionTimestamp": 0}
        log = folder_of(self.lake, "main.t") / "_delta_log" / f"{2:020}.json"
        log.write_text("\n".join(json.dumps(action) for action in ({"remove": remove}, {"add": add})) + "\n")
        refused = smelt("sql", "--lake", self.lake, "-c", "select v from t")
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("Shredded Variants are not supported yet", refused.stderr)


class ClusteringTest(FeaturesTest):
    def test_a_clustered_table_is_a_table(self):
        self.sql(
            "create table t sorted by (a, b) as select range % 100 as a, range % 77 as b, range as n from range(5000);"
            "insert into t select range % 100, range % 77, range from range(5000, 6000); call optimize('t');"
            "delete from t where a = 3"
        )
        rows = pa.table(self.peer().to_pyarrow_table()).to_pylist()
        self.assertEqual(sorted(row["n"] for row in rows), [n for n in range(6000) if n % 100 != 3])
        protocol = self.peer().protocol()
        self.assertEqual(protocol.min_writer_version, 7)
        self.assertIn("clustering", protocol.writer_features)
        self.assertIn("domainMetadata", protocol.writer_features)
        (domain,) = [
            action["domainMetadata"]
            for _, actions in commits(self.lake, "main.t")
            for action in actions
            if "domainMetadata" in action
        ]
        self.assertEqual(
            json.loads(domain["configuration"]), {"clusteringColumns": [["a"], ["b"]], "domainName": "delta.clustering"}
        )


def field_ids(schema):
    """Path → field id of every field in a Parquet file's Arrow schema, fields within lists and maps included."""
    ids = {}

    def visit(field, path):
        here = (*path, field.name)
        metadata = field.metadata or {}
        if b"PARQUET:field_id" in metadata:
            ids[here] = int(metadata[b"PARQUET:field_id"])
        if pa.types.is_map(field.type):
            visit(field.type.key_field, here)
            visit(field.type.item_field, here)
        elif pa.types.is_list(field.type):
            visit(field.type.value_field, (*here, "element"))
        elif pa.types.is_struct(field.type):
            for child in field.type:
                visit(child, here)

    for field in schema:
        visit(field, ())
    return ids


class ColumnMappingTest(FeaturesTest):
    """The files of tables with mapped columns, held against the protocol; no other reader at hand knows them."""

    def log(self, kind):
        return [action[kind] for _, actions in commits(self.lake, "main.t") for action in actions if kind in action]

    def schema(self):
        return json.loads(self.log("metaData")[-1]["schemaString"])

    def mapped(self, fields, path=()):
        """Path of physical names → id, of all fields in a schema."""
        found = {}
        for field in fields:
            here = (*path, field["metadata"]["delta.columnMapping.physicalName"])
            found[here] = field["metadata"]["delta.columnMapping.id"]
            inner = [field["type"]]
            while inner:
                kind = inner.pop()
                if not isinstance(kind, dict):
                    continue
                if kind["type"] == "struct":
                    found |= self.mapped(kind["fields"], here)
                inner += [kind[key] for key in ("elementType", "keyType", "valueType") if key in kind]
        return found

    def data_files(self):
        return [folder_of(self.lake, "main.t") / urllib.parse.unquote(add["path"]) for add in self.log("add")]

    def test_files_follow_the_schema(self):
        for mode in ("name", "id"):
            self.sql(
                "create or replace table t (id bigint, s struct(x integer, y struct(z varchar)), l struct(a bigint)[],"
                f" m map(varchar, struct(v bigint)), p varchar) partitioned by (p) with ('delta.columnMapping.mode' = '{mode}');"
                "insert into t values (1, {'x': 1, 'y': {'z': 'q'}}, [{'a': 1}], map {'k': {'v': 2}}, 'u');"
                "update t set id = 2; insert into t values (3, null, null, null, 'w'); call optimize('t', zorder => ['id'])"
            )
            schema = self.schema()
            expected = self.mapped(schema["fields"])
            self.assertEqual(len(set(expected.values())), 10, "ids are unique")
            partition = schema["fields"][4]["metadata"]["delta.columnMapping.physicalName"]
            for add in self.log("add")[-2:]:
                self.assertEqual(list(add["partitionValues"]), [partition])
                self.assertLessEqual(set(json.loads(add["stats"])["nullCount"]), {name for (name, *_) in expected})
            stored = {path: number for path, number in expected.items() if path[0] != partition}
            for path in self.data_files()[-2:]:
                ids = field_ids(pq.read_schema(path))
                ids = {tuple(part for part in where if part not in ("element", "key", "value")): number for where, number in ids.items()}
                self.assertEqual(ids, stored, path)

    def test_statistics_go_by_physical_names(self):
        self.sql(
            "create table t (id bigint, s struct(x integer)) with ('delta.columnMapping.mode' = 'name');"
            "insert into t values (1, {'x': 5}), (7, {'x': 6}); alter table t rename column id to key"
        )
        (physical, nested) = self.mapped(self.schema()["fields"]), json.loads(self.log("add")[0]["stats"])
        names = sorted(physical, key=physical.get)
        self.assertEqual(nested["minValues"], {names[0][0]: 1, names[1][0]: {names[2][1]: 5}})
        self.assertEqual(nested["maxValues"], {names[0][0]: 7, names[1][0]: {names[2][1]: 6}})
        self.assertEqual(query(self.lake, "select key, s.x as x from t where key > 5"), [{"key": 7, "x": 6}])

    def test_changed_over(self):
        """Files of before stay, under the names that they have."""
        self.sql(
            "create table t (id bigint, n varchar) with ('delta.enableChangeDataFeed' = 'true'); insert into t values (1, 'a');"
            "alter table t set ('delta.columnMapping.mode' = 'name'); alter table t rename column n to m;"
            "update t set m = 'b'"
        )
        self.assertEqual(list(self.mapped(self.schema()["fields"]).items()), [(("id",), 1), (("n",), 2)])
        self.assertEqual(self.log("protocol")[-1]["readerFeatures"], ["columnMapping"])
        for path in (self.data_files()[-1], folder_of(self.lake, "main.t") / self.log("cdc")[0]["path"]):
            self.assertEqual(field_ids(pq.read_schema(path)), {("id",): 1, ("n",): 2})


class TypeWideningTest(FeaturesTest):
    def test_changes_are_recorded(self):
        self.sql(
            "create table t (a smallint, l tinyint[], d date) with ('delta.enableTypeWidening' = 'true');"
            "insert into t values (1, [2], date '2024-05-01'); alter table t alter column a type integer;"
            "alter table t alter column a type bigint; alter table t alter column l type integer[];"
            "alter table t alter column d type timestamp"
        )
        metadata = [a["metaData"] for _, actions in commits(self.lake, "main.t") for a in actions if "metaData" in a][-1]
        changes = {f["name"]: f["metadata"]["delta.typeChanges"] for f in json.loads(metadata["schemaString"])["fields"]}
        self.assertEqual(
            changes,
            {
                "a": [{"fromType": "short", "toType": "integer"}, {"fromType": "integer", "toType": "long"}],
                "l": [{"fromType": "byte", "toType": "integer", "fieldPath": "element"}],
                "d": [{"fromType": "date", "toType": "timestamp_ntz"}],
            },
        )


class RowTrackingTest(FeaturesTest):
    """Ids and versions of rows, put together from files and log as the protocol has it."""

    def rows(self, peer=True):
        """id → (row id, version of the last change)."""
        live, configuration = {}, {}
        for _, actions in commits(self.lake, "main.t"):
            for action in actions:
                if "remove" in action:
                    live.pop(action["remove"]["path"], None)
                configuration = action.get("metaData", {}).get("configuration", configuration)
            live |= {action["add"]["path"]: action["add"] for action in actions if "add" in action}
        found = {}
        for add in live.values():
            table = pq.ParquetFile(folder_of(self.lake, "main.t") / urllib.parse.unquote(add["path"])).read()
            columns = [
                table.column(name).to_pylist() if name in table.column_names else [None] * table.num_rows
                for name in (
                    configuration["delta.rowTracking.materializedRowIdColumnName"],
                    configuration["delta.rowTracking.materializedRowCommitVersionColumnName"],
                )
            ]
            for at, key in enumerate(table.column(self.key).to_pylist()):
                row = columns[0][at] if columns[0][at] is not None else add["baseRowId"] + at
                version = columns[1][at] if columns[1][at] is not None else add["defaultRowCommitVersion"]
                found[key] = (row, version)
        self.assertEqual(len({row for row, _ in found.values()}), len(found), "row ids are unique")
        self.assertLessEqual(max(add["baseRowId"] for add in live.values()), self.high_water_mark())
        if peer:
            self.assertEqual(self.peer().to_pyarrow_table().num_rows, len(found))
        return found

    def high_water_mark(self):
        marks = [
            json.loads(action["domainMetadata"]["configuration"])["rowIdHighWaterMark"]
            for _, actions in commits(self.lake, "main.t")
            for action in actions
            if "domainMetadata" in action
        ]
        self.assertEqual(marks, sorted(marks))
        return marks[-1]

    key = "id"

    def test_rows_keep_their_ids(self):
        self.sql(
            "create table t (id bigint, n bigint) with ('delta.enableRowTracking' = 'true');"
            "insert into t select range, 0 from range(10); insert into t select range, 0 from range(10, 20)"
        )
        before = self.rows()
        self.assertEqual(before, {key: (key, 1 if key < 10 else 2) for key in range(20)})
        self.sql("update t set n = 1 where id = 3")
        before[3] = (3, 3)
        self.assertEqual(self.rows(), before)
        self.sql("delete from t where id = 12")
        del before[12]
        self.assertEqual(self.rows(), before)
        self.sql("call optimize('t', zorder => ['n'])")
        self.assertEqual(self.rows(), before)
        self.sql(
            "merge into t using (values (3), (15), (30)) as s(id) on t.id = s.id"
            " when matched then update set n = 2 when not matched then insert values (s.id, 3)"
        )
        after = self.rows()
        (new, version) = after.pop(30)
        self.assertGreater(new, 19)
        self.assertEqual(after, before | {3: (3, 6), 15: (15, 6)})
        self.assertEqual(version, 6)
        self.sql("begin; update t set n = 9 where id = 1; update t set n = 10 where id = 1; commit")
        self.assertEqual(self.rows() | {1: 0, 30: 0}, after | {1: 0, 30: 0})
        self.assertEqual(self.rows()[1], (1, 7))
        tags = [action["commitInfo"]["tags"] for _, actions in commits(self.lake, "main.t") for action in actions if "commitInfo" in action]
        self.assertEqual({tag["delta.rowTracking.preserved"] for tag in tags}, {"true"})

    def test_switched_on_later(self):
        self.sql(
            "create table t (id bigint) with ('delta.columnMapping.mode' = 'id'); insert into t values (1), (2);"
            "insert into t values (3); alter table t set ('delta.enableRowTracking' = 'true'); update t set id = 4 where id = 1"
        )
        metadata = [a["metaData"] for _, actions in commits(self.lake, "main.t") for a in actions if "metaData" in a][-1]
        (field,) = json.loads(metadata["schemaString"])["fields"]
        self.key = field["metadata"]["delta.columnMapping.physicalName"]
        rows = self.rows(peer=False)
        self.assertEqual(rows.keys(), {2, 3, 4})
        self.assertEqual({version for _, version in rows.values()}, {3, 4})
        self.assertIn(rows[4], [(0, 4), (1, 4), (2, 4)], "the id of the row that was 1")


if __name__ == "__main__":
    unittest.main()
