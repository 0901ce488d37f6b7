"""Spark with Delta Lake in this process, for scripts that with_spark.py runs; and rows of both engines in one form."""

import datetime
import functools
import os
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from smelt_program import LakeTest, folder_of, smelt_ok

SETTINGS = {
    "spark.master": "local[2]",
    "spark.driver.memory": os.environ.get("SMELT_SPARK_MEMORY", "2g"),
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.log.level": "OFF",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
}
JAVA_OPTIONS = "-Duser.timezone=UTC"
# For many statements over few rows: no time is spent on making code fast that runs once.
SMALL_SETTINGS = {
    "spark.driver.extraJavaOptions": f"{JAVA_OPTIONS} -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.databricks.delta.snapshotPartitions": "1",
    # How many tasks VACUUM and CONVERT list folders with: 10,000 otherwise.
    "spark.sql.sources.parallelPartitionDiscovery.parallelism": "1",
}
LARGE_SETTINGS = {"spark.driver.extraJavaOptions": JAVA_OPTIONS, "spark.sql.shuffle.partitions": "2"}


@functools.cache
def spark(large=False):
    """The session, which lives as long as the process; for small tables where it is not made for large ones."""
    from pyspark.sql import SparkSession

    os.environ["TZ"] = "UTC"
    builder = SparkSession.builder.appName("smelt").config("spark.jars", os.environ["SMELT_SPARK_JARS"])
    for name, value in {**SETTINGS, **(LARGE_SETTINGS if large else SMALL_SETTINGS)}.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def plain(value):
    """A value as both engines give it: maps as sorted pairs, structs as dicts, times without zone."""
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, tuple):
        return tuple(map(plain, value))
    if isinstance(value, list):
        return list(map(plain, value))
    return value


def plain_by_type(value, kind):
    """plain() of a value of Spark, whose maps are dicts like its structs: the type tells them apart."""
    if value is None:
        return None
    name = kind.typeName()
    if name == "struct":
        return {field.name: plain_by_type(value[field.name], field.dataType) for field in kind.fields}
    if name == "array":
        return [plain_by_type(inner, kind.elementType) for inner in value]
    if name == "map":
        return sorted((plain(key), plain_by_type(inner, kind.valueType)) for key, inner in value.items())
    return plain(value)


def plain_by_arrow(value, kind):
    """plain() of a value of Arrow, whose maps are lists of pairs."""
    if value is None:
        return None
    if pa.types.is_struct(kind):
        return {field.name: plain_by_arrow(value[field.name], field.type) for field in kind}
    if pa.types.is_map(kind):
        return sorted((plain(key), plain_by_arrow(inner, kind.item_type)) for key, inner in value)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return [plain_by_arrow(inner, kind.value_type) for inner in value]
    return plain(value)


class SparkTest(LakeTest):
    """A lake and Spark; both engines are given the same tables, by the names of the lake."""

    maxDiff = 4000

    def setUp(self):
        super().setUp()
        self.make_lake()

    def address(self, table):
        return f"delta.`{folder_of(self.lake, table)}`"

    def sql(self, text):
        """Runs statements in smelt."""
        smelt_ok("sql", "--lake", self.lake, "-c", text)

    def spark(self, text, table="main.t"):
        """Runs one statement in Spark, with the table's address in the place of {t}."""
        return spark().sql(text.replace("{t}", self.address(table)))

    def rows_of_smelt(self, select):
        target = self.folder / "rows.parquet"
        self.sql(f"copy ({select}) to '{target}' (format parquet)")
        table = pq.ParquetFile(target).read()
        kinds = {field.name: field.type for field in table.schema}
        rows = [{name: plain_by_arrow(value, kinds[name]) for name, value in row.items()} for row in table.to_pylist()]
        return sorted(map(repr, rows))

    def rows_of_spark(self, select):
        frame = self.spark(select)
        kinds = [(field.name, field.dataType) for field in frame.schema.fields]
        rows = [{name: plain_by_type(row[at], kind) for at, (name, kind) in enumerate(kinds)} for row in frame.collect()]
        return sorted(map(repr, rows))

    def assert_agree(self, count=None, table="main.t", select="*"):
        """Both read the same rows of the table, and this many."""
        theirs = self.rows_of_spark(f"select {select} from {self.address(table)}")
        self.assertEqual(self.rows_of_smelt(f"select {select} from {table}"), theirs)
        if count is not None:
            self.assertEqual(len(theirs), count)


class PassingTest(SparkTest):
    """`one` and `other` are the engines as functions that run a statement."""

    def smelt_statement(self, text):
        # The function range of both engines gives a column: Spark calls it id.
        self.sql(text.replace("{t}", "main.t"))

    def spark_statement(self, text):
        self.spark(text.replace(" as r(id)", ""))

    def new_lake(self):
        return Path(tempfile.mkdtemp(dir=self.folder))

    def in_both_orders(self, body):
        """Calls body(the engine that begins, the one that goes on), each time with a lake of its own."""
        pairs = ((self.smelt_statement, self.spark_statement), (self.spark_statement, self.smelt_statement))
        for one, other in pairs:
            self.lake = self.new_lake()
            with self.subTest(begun_by=one.__name__):
                body(one, other)

    def create(self, engine, columns, properties=None, partitions=()):
        """Makes main.t; names of types are those that both have."""
        pairs = ", ".join(f"'{name}' = '{value}'" for name, value in (properties or {}).items())
        by = f" partitioned by ({', '.join(partitions)})" if partitions else ""
        if engine == self.smelt_statement:
            engine(f"create table {{t}} ({columns}){by}" + (f" with ({pairs})" if pairs else ""))
        else:
            engine(f"create table {{t}} ({columns}) using delta{by}" + (f" tblproperties ({pairs})" if pairs else ""))
