"""Types, rules, schemas and maintenance of tables that smelt and Spark with Delta Lake share."""

import unittest
from pathlib import Path

import encoded_rows
from smelt_program import folder_of, query, scalar
from spark_session import PassingTest


class TypesTest(PassingTest):
    """Every type and shape of value, written by one and read by the other."""

    SPARK_COLUMNS = (
        "id bigint, b boolean, i8 tinyint, i16 smallint, i32 int, f32 float, f64 double, d9 decimal(9,2), d38 decimal(38,10),"
        " s string, bin binary, d date, ts timestamp, ntz timestamp_ntz, st struct<a: int, b: array<struct<c: string>>>,"
        " li array<array<bigint>>, ma map<string, struct<v: double>>"
    )
    SMELT_COLUMNS = (
        "id bigint, b boolean, i8 tinyint, i16 smallint, i32 int, f32 float, f64 double, d9 decimal(9,2), d38 decimal(38,10),"
        " s varchar, bin blob, d date, ts timestamptz, ntz timestamp, st struct(a int, b struct(c varchar)[]),"
        " li bigint[][], ma map(varchar, struct(v double))"
    )
    NULLS = "(2" + ", null" * 16 + ")"
    SPARK_ROWS = (
        "(1, true, -128, -32768, -2147483648, float('-Infinity'), double('NaN'), -9999999.99,"
        " 1234567890123456789012345678.0000000001, 'é😀\\'%', X'00FF', date'0001-01-01', timestamp'0002-01-01 00:00:00',"
        " timestamp_ntz'9999-12-31 23:59:59.999999', named_struct('a', 1, 'b', array(named_struct('c', 'x'), null)),"
        " array(array(1L, null), array()), map('k', named_struct('v', 1.5D), 'é', null)),"
        f" {NULLS},"
        " (3, false, 127, 32767, 2147483647, float('1.5'), double('5e-324'), 0.01, 0.1, '', X'', date'9999-12-31',"
        " timestamp'9999-12-31 23:59:59.999999', timestamp_ntz'1582-10-10 01:02:03.000001',"
        " named_struct('a', null, 'b', array()), array(), map())"
    )
    SMELT_ROWS = (
        "(1, true, -128, -32768, -2147483648, '-Infinity', 'NaN', -9999999.99,"
        " 1234567890123456789012345678.0000000001, 'é😀''%', '\\x00\\xFF'::blob, date '0001-01-01',"
        " timestamptz '0002-01-01 00:00:00+00', timestamp '9999-12-31 23:59:59.999999',"
        " {'a': 1, 'b': [{'c': 'x'}, null]}, [[1, null], []], map {'k': {'v': 1.5}, 'é': null}),"
        f" {NULLS},"
        " (3, false, 127, 32767, 2147483647, 1.5, '5e-324', 0.01, 0.1, '', ''::blob, date '9999-12-31',"
        " timestamptz '9999-12-31 23:59:59.999999+00', timestamp '1582-10-10 01:02:03.000001',"
        " {'a': null, 'b': []}, [], map {})"
    )

    def test_every_type(self):
        self.spark(f"create table {{t}} ({self.SPARK_COLUMNS}) using delta")
        self.sql(f"create table u ({self.SMELT_COLUMNS})")
        self.assertEqual(self.rows_of_smelt("from main.t"), [])
        self.spark(f"insert into {{t}} values {self.SPARK_ROWS}")
        self.sql(f"insert into u values {self.SMELT_ROWS}")
        self.assert_agree(3)
        self.assert_agree(3, table="main.u")
        self.assertEqual(self.rows_of_smelt("from main.t"), self.rows_of_smelt("from main.u"))
        self.sql("insert into t from u; update t set i32 = 5 where id = 2")
        self.spark("insert into {t} select * from {t}", table="main.u")
        self.spark("delete from {t} where id = 2", table="main.u")
        self.assert_agree(6)
        self.assert_agree(4, table="main.u")

    def test_every_encoding(self):
        for codec in encoded_rows.CODECS:
            with self.subTest(codec):
                table = f"main.{codec}"
                self.sql(encoded_rows.create(table, 9000, codec))
                self.assert_agree(9000, table=table)

    def test_variants(self):
        self.spark("create table {t} (id bigint, v variant) using delta")
        self.spark("""insert into {t} select 1, parse_json('{"a": 1, "b": [1, "x", null, 2.5]}')""")
        self.spark("insert into {t} values (2, null), (3, parse_json('7'))")
        ours = [row["v"] for row in query(self.lake, "select v::json::varchar as v from t where v is not null order by id")]
        self.assertEqual(ours, ['{"a":1,"b":[1,"x",null,2.5]}', "7"])
        self.sql("create table u (id bigint, v variant)")
        self.sql("insert into u select range, {'a': range, 'b': 'x' || range}::variant from range(1000)")
        (row,) = self.spark("select count(*), sum(v:a::bigint), max(v:b::string) from {t}", table="main.u").collect()
        self.assertEqual(tuple(row), (1000, 499500, "x999"))
        self.spark("delete from {t} where v:a::bigint < 10", table="main.u")
        self.spark("update {t} set v = parse_json('[1]') where id < 20", table="main.u")
        self.assertEqual(scalar(self.lake, "select count(*) from u where v::json::varchar = '[1]'"), 10)
        self.assertEqual(scalar(self.lake, "select count(*) from u where v.b::varchar like 'x%'"), 980)

    def test_partition_values(self):
        values = ["a b", "a/b=c", "%41", "é😀", "'\"", "a:b?c#d&e", "\t", "..", "x" * 100, "", None]
        for_smelt = ", ".join("(null)" if value is None else "('" + value.replace("'", "''") + "')" for value in values)
        for_spark = ", ".join("(null)" if value is None else "('" + value.replace("'", "\\'") + "')" for value in values)
        rest = "date '2024-02-29', {0} '2024-05-01 10:11:12.345678', 1.50, true"
        columns = "p varchar, d date, ts timestamptz, n decimal(5,2), b boolean, id bigint"
        self.sql(f"create table t ({columns}) partitioned by (p, d, ts, n, b)")
        self.sql(f"insert into t select v, {rest.format('timestamptz')}, 1 from (values {for_smelt}) as r(v)")
        self.assert_agree(len(values))
        self.spark(f"insert into {{t}} select v, {rest.format('timestamp')}, 2 from values {for_spark} as r(v)")
        self.assert_agree(2 * len(values))
        for value in values[:-2]:
            text = value.replace("'", "''")
            self.assertEqual(scalar(self.lake, f"select count(*) from t where p = '{text}'"), 2, value)
        self.spark("delete from {t} where p = 'a/b=c' and id = 1")
        self.sql("delete from t where p = '%41' and id = 2")
        self.assert_agree(2 * len(values) - 2)


class RulesTest(PassingTest):
    """Rules that one engine sets and both keep."""

    def refused(self, engine, text):
        with self.assertRaises(Exception, msg=f"{engine.__name__} did what it must not: {text}"):
            engine(text)

    def test_constraints(self):
        def both_keep_them(one, other):
            self.create(one, "id bigint not null, a string, p int")
            if one == self.smelt_statement:
                one("alter table {t} set ('delta.constraints.small' = 'id < 100 or a = ''big''')")
            else:
                one("alter table {t} add constraint small check (id < 100 or a = 'big')")
            for engine in (one, other):
                engine("insert into {t} values (1, 'a', 1), (200, 'big', 2)")
                self.refused(engine, "insert into {t} values (100, 'a', 1)")
                self.refused(engine, "insert into {t} values (null, 'a', 1)")
                self.refused(engine, "update {t} set id = 150 where a = 'a'")
            self.assert_agree(4)

        self.in_both_orders(both_keep_them)

    def test_generated_columns(self):
        def both_compute_them(one, other):
            columns = "id bigint, d date, y int generated always as (year(d)), t string generated always as (upper(concat('a', cast(id as string))))"
            self.create(one, columns)
            for engine in (one, other):
                engine("insert into {t} (id, d) values (1, date '2024-02-29'), (2, null)")
                self.refused(engine, "insert into {t} values (3, date '2024-02-29', 2023, 'A3')")
            self.assert_agree(4)
            self.assertEqual(scalar(self.lake, "select count(*) from t where t = 'A' || id and y is not distinct from year(d)"), 4)

        self.in_both_orders(both_compute_them)

    def test_defaults(self):
        def both_fill_them_in(one, other):
            properties = {"delta.feature.allowColumnDefaults": "supported"}
            self.create(one, "id bigint, a string default 'x', p int default 1 + 1", properties)
            for at, engine in enumerate((one, other)):
                engine(f"insert into {{t}} (id) values ({at})")
                engine(f"insert into {{t}} values ({at + 10}, default, 5)")
                engine(f"update {{t}} set p = default where id = {at + 10}")
            self.assert_agree(4)
            self.assertEqual(scalar(self.lake, "select count(*) from t where a = 'x' and p = 2"), 4)

        self.in_both_orders(both_fill_them_in)

    def test_identity_columns(self):
        self.spark("create table {t} (k bigint generated always as identity (start with 5 increment by 5), a string) using delta")
        for at in range(2):
            self.spark(f"insert into {{t}} (a) values ('spark{at}'), ('more')")
            self.sql(f"insert into t (a) values ('smelt{at}'), ('more')")
        self.assert_agree(8)
        self.assertEqual(scalar(self.lake, "select count(distinct k) from t where k % 5 = 0"), 8)
        self.refused(self.sql, "insert into t values (1000, 'x')")

    def test_append_only(self):
        def both_only_append(one, other):
            self.create(one, "id bigint, a string, p int", {"delta.appendOnly": "true"})
            for engine in (one, other):
                engine("insert into {t} values (1, 'a', 2)")
                self.refused(engine, "delete from {t} where id = 1")
            self.assert_agree(2)

        self.in_both_orders(both_only_append)


class SchemaTest(PassingTest):
    def test_columns_come_and_go(self):
        def change(one, other):
            self.create(one, "id bigint, a string, p int", {"delta.columnMapping.mode": "name"})
            one("insert into {t} values (1, 'a', 1)")
            for engine, statement, value in (
                (other, "alter table {t} rename column a to b", "(2, 'b', 2)"),
                (one, "alter table {t} drop column p", "(3, 'c')"),
                (other, "alter table {t} add column a double", "(4, 'd', 0.5)"),
                (one, "alter table {t} rename column a to c", "(5, 'e', 1.5)"),
            ):
                engine(statement)
                engine(f"insert into {{t}} values {value}")
                self.assert_agree()
                (one if engine == other else other)("update {t} set id = id + 10 where id < 3")
                self.assert_agree()

        self.in_both_orders(change)

    def test_types_get_wider(self):
        steps = (
            ("a", "int", "(70000, 0.5, 1.25)"),
            ("f", "double", "(2, 1e300, 3.5)"),
            ("d", "decimal(10,2)", "(2, 1, 12345678.25)"),
            ("a", "bigint", "(5000000000, 1, 1)"),
        )

        def widen(one, other):
            self.create(one, "a smallint, f float, d decimal(5,2)", {"delta.enableTypeWidening": "true"})
            one("insert into {t} values (1, 0.5, 1.25)")
            for at, (column, kind, value) in enumerate(steps):
                engine = (other, one)[at % 2]
                engine(f"alter table {{t}} alter column {column} type {kind}")
                self.assert_agree()
                engine(f"insert into {{t}} values {value}")
                self.assert_agree(at + 2)

        self.in_both_orders(widen)

    def test_schema_evolution(self):
        self.spark("create table {t} (id bigint, s struct<x: int>) using delta")
        self.sql(
            "set smelt_schema_evolution = true;"
            " insert into t by name select 1 as id, {'x': 1, 'y': 'q'} as s, 2.5::double as more"
        )
        self.assert_agree(1)
        self.spark("insert into {t} values (2, named_struct('x', 2, 'y', null), 1)")
        self.assert_agree(2)


class MaintenanceTest(PassingTest):
    def test_clustering(self):
        self.sql("create table t sorted by (a, b) as select range % 100 as a, range % 77 as b, range as n from range(5000)")
        detail = self.spark("describe detail {t}").collect()[0]
        self.assertEqual(detail.clusteringColumns, ["a", "b"])
        self.spark("optimize {t}")
        self.spark("insert into {t} select id % 100, id % 77, id from range(5000, 6000)")
        self.assert_agree(6000)
        self.sql("call optimize('t')")
        self.assert_agree(6000)
        self.spark("alter table {t} cluster by (n)")
        self.spark("optimize {t} full")
        self.sql("insert into t select range, range, range from range(6000, 6100); call optimize('t')")
        self.assert_agree(6100)
        self.spark("create table {t} (k bigint, v string) using delta cluster by (k)", table="main.u")
        self.sql("insert into u select range, 'v' || range from range(1000); call optimize('u')")
        self.assert_agree(1000, table="main.u")

    def test_clones(self):
        self.sql(
            "create table t with ('delta.enableDeletionVectors' = 'true') as select range as id, 'a' || range as a"
            " from range(100); delete from t where id % 10 = 0;"
            "call clone('t', 'shallow_copy', shallow => true); call clone('t', 'deep_copy')"
        )
        self.spark(f"create table {self.address('main.other')} shallow clone {{t}}")
        for table in ("main.shallow_copy", "main.deep_copy", "main.other"):
            self.assert_agree(90, table=table)
            self.spark("insert into {t} values (1000, 'spark')", table=table)
            self.sql(f"delete from {table} where id < 20; insert into {table} values (1001, 'smelt')")
            self.assert_agree(90 - 18 + 2, table=table)
        self.assert_agree(90)

    def test_vacuum(self):
        def files():
            return {path.name for path in Path(folder_of(self.lake, "main.t")).glob("*.parquet")}

        self.sql(
            "create table t as select range as id from range(1000); update t set id = id + 1; update t set id = id + 1"
        )
        self.spark("insert into {t} values (1), (2)")
        self.spark("delete from {t} where id < 100")
        self.spark("set spark.databricks.delta.retentionDurationCheck.enabled = false")
        before = files()
        planned = {Path(row.path).name for row in self.spark("vacuum {t} retain 0 hours dry run").collect()}
        self.sql("call vacuum('t', retain_hours => 0, retention_check => false)")
        self.assertEqual(before - files(), planned)
        self.assertGreater(len(planned), 2)
        self.assert_agree(1000 - 98)
        self.sql("update t set id = id + 1")
        self.spark("vacuum {t} retain 0 hours")
        self.assert_agree(1000 - 98)

    def test_time_travel_and_replace(self):
        self.spark("create table {t} (id bigint, a string, p int) using delta partitioned by (p)")
        self.spark("insert into {t} select id, 'x', id % 4 from range(40)")
        self.sql("""call overwrite('t', 'select range as id, ''new'' as a, 1 as p from range(3)', "where" => 'p = 1')""")
        self.assert_agree(33)
        self.spark("insert into {t} replace where p = 2 select id, 'spark', 2 from range(5)")
        self.assert_agree(28)
        for version in range(4):
            theirs = self.rows_of_spark(f"select * from {self.address('main.t')} version as of {version}")
            self.assertEqual(self.rows_of_smelt(f"select * from t at (version => {version})"), theirs)


if __name__ == "__main__":
    unittest.main()
