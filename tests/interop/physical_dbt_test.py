"""projects/physical built by dbt-core with dbt-duckdb and by smelt, from the same files: the same rows in every relation and
the same verdict of every test, after the first delivery and after the next.

dbt's bronze is loaded here, by plain SQL that holds each row against the contract in sources/physical.yml.
"""

import contextlib
import datetime
import json
import os
import unittest

import duckdb
import yaml

os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"

from dbt.adapters.duckdb import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from physical_files import TABLES, base_and_days, copy_of_the_project
from smelt_program import LakeTest, scalar, smelt, smelt_ok

TYPES = {"text": "varchar", "integer": "bigint"}
CLOCK = ("loaded_at",)
LAYERS = ("silver", "gold")


def broken(column):
    """A condition in SQL: the raw text of the column breaks the contract."""
    raw = f'nullif("{column["name"]}", \'\')'
    value = f"try_cast({raw} as {TYPES.get(column['type'], column['type'])})"
    conditions = [f"{raw} is not null and {value} is null"]
    if column.get("required"):
        conditions.append(f"{raw} is null")
    for check in column.get("checks", []):
        if check.get("severity") == "warn":
            continue
        if "pattern" in check:
            pattern = check["pattern"].replace("'", "''")
            conditions.append(f"not regexp_full_match({raw}, '{pattern}')")
        if "min" in check:
            conditions.append(f"{value} < {check['min']}")
        if "max" in check:
            conditions.append(f"{value} > {check['max']}")
        if "set" in check:
            conditions.append(f"{raw} not in ({', '.join(repr(word) for word in check['set'])})")
    return " or ".join(f"coalesce({condition}, false)" for condition in conditions)


def load_bronze(connection, contract, files, loaded_at):
    """Adds the accepted rows of the files of a folder to bronze, as a load at that time."""
    connection.execute("create schema if not exists bronze")
    for table in contract["tables"]:
        path = files / f"{table['name']}.csv"
        if not path.exists():
            continue
        typed = ", ".join(
            f"cast(nullif(\"{column['name']}\", '') as {TYPES.get(column['type'], column['type'])}) as \"{column['name']}\""
            for column in table["columns"]
        )
        key = ", ".join(table["key"])
        rows = f"""
            with raw as (
              select *, row_number() over () as line
              from read_csv('{path}', header = true, all_varchar = true, delim = ',', quote = '"', nullstr = '')
            ),
            accepted as (select * from raw where not ({" or ".join(f"({broken(column)})" for column in table["columns"])}))
            select {typed},
              timestamptz '{loaded_at}' as ingestion_timestamp,
              date '{loaded_at:%Y-%m-%d}' as ingest_date,
              '{path}' as source_file,
              case when row_number() over (partition by {key} order by line) > 1 then 'duplicate_key' else 'ok' end
                as data_quality_flag
            from accepted
        """
        exists = connection.execute(
            "select count(*) from information_schema.tables where table_schema = 'bronze' and table_name = ?", [table["name"]]
        ).fetchone()[0]
        verb = f"insert into bronze.{table['name']}" if exists else f"create table bronze.{table['name']} as"
        connection.execute(f"{verb} {rows}")


def verdicts(target):
    """Node → status, from run_results.json."""
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    return {result["unique_id"]: result["status"] for result in results}


class PhysicalDbtTest(LakeTest):
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.project = {side: copy_of_the_project(self.folder / side) for side in ("dbt", "smelt")}
        self.database = self.folder / "physical.duckdb"
        self.contract = yaml.safe_load((self.project["dbt"] / "sources/physical.yml").read_text(encoding="utf-8"))
        os.environ["PHYSICAL_DUCKDB"] = str(self.database)
        self.addCleanup(os.environ.pop, "PHYSICAL_DUCKDB")

    def dbt_build(self):
        project = str(self.project["dbt"])
        with contextlib.chdir(project):
            done = dbtRunner().invoke(["build", "--quiet", "--project-dir", project, "--profiles-dir", project])
        DuckDBConnectionManager.close_all_connections()
        self.assertTrue(done.success, done.exception or [
            (one.node.unique_id, one.message) for one in done.result if one.status in ("error", "fail")])  # fmt: skip
        return verdicts(self.project["dbt"] / "target")

    def smelt_build(self):
        project = self.project["smelt"]
        done = smelt("build", "--project-dir", project, "--lake", self.lake, "--no-audit")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return verdicts(project / "target")

    def relations(self, connection):
        found = connection.execute(
            "select table_schema, table_name from information_schema.tables where table_schema in ('silver', 'gold') order by all"
        ).fetchall()
        return [f"{schema}.{name}" for schema, name in found]

    def assert_same_rows(self, connection, relation):
        copied = self.folder / f"{relation}.parquet"
        smelt_ok("sql", "--lake", self.lake, "-c", f"copy (from {relation}) to '{copied}' (format parquet)")
        columns = [row[0] for row in connection.execute(f"describe {relation}").fetchall()]
        theirs = [row[0] for row in connection.execute(f"describe from read_parquet('{copied}')").fetchall()]
        self.assertEqual(theirs, columns)
        chosen = ", ".join(f'"{name}"' for name in columns if name not in CLOCK)
        dbt_rows, smelt_rows = f"(select {chosen} from {relation})", f"(select {chosen} from read_parquet('{copied}'))"
        self.assertGreater(connection.execute(f"select count(*) from {dbt_rows}").fetchone()[0], 0)
        for here, there in ((dbt_rows, smelt_rows), (smelt_rows, dbt_rows)):
            only_here = connection.execute(f"{here} except all {there} limit 3").fetchall()
            self.assertEqual(only_here, [], "only in dbt" if here is dbt_rows else "only in smelt")

    def test_dbt_and_smelt_build_the_same(self):
        base, days = base_and_days()
        data = self.folder / "data"
        data.mkdir()
        loaded_at = datetime.datetime(2026, 1, 1, 6, tzinfo=datetime.UTC)
        for number, delivery in enumerate([[base], days]):
            with duckdb.connect(str(self.database)) as connection:
                for files in delivery:
                    load_bronze(connection, self.contract, files, loaded_at + datetime.timedelta(days=number))
                bronze = {table: connection.execute(f"select count(*) from bronze.{table}").fetchone()[0] for table in TABLES}
            for files in delivery:
                (data / files.name).symlink_to(files)
            smelt_ok("ingest", "--project-dir", self.project["smelt"], "--data", data, "--lake", self.lake)
            self.assertEqual({table: scalar(self.lake, f"select count(*) from bronze.{table}") for table in TABLES}, bronze)
            self.assertEqual(self.smelt_build(), self.dbt_build())
            with duckdb.connect(str(self.database)) as connection:
                connection.execute("set timezone = 'UTC'")
                relations = self.relations(connection)
                self.assertGreaterEqual(len(relations), 25)
                for relation in relations:
                    with self.subTest(delivery=number, relation=relation):
                        self.assert_same_rows(connection, relation)


if __name__ == "__main__":
    unittest.main()
