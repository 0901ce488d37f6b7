"""The whole pipeline into a lake on an S3 server: the same tables as in a folder, read back by an independent client.

Runs within `tools/services/versitygw.sh run`, which sets the server's address and keys.
"""

import os
import shutil
import sys
import tempfile
import threading
import unittest
import uuid
from pathlib import Path

import duckdb
from deltalake import DeltaTable

import s3_server
from smelt_program import CLOCK_COLUMNS, environment, folder_of, small_data, smelt, smelt_ok, tables

BUCKET = "smelt-lakes"
SCALE = "0.005"
# The runs' own record: when which suite was checked.
RECORDS = ("quality.results",)


class S3LakeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="smelt-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.server = s3_server.connect(BUCKET)
        cls.prefix = f"{BUCKET}/lake-{uuid.uuid4()}"
        cls.addClassCleanup(cls.delete_lake)
        cls.lake = f"s3://{cls.prefix}"
        # The records of runs on a remote lake are kept in the user's state folder.
        cls.env = {**environment(), "XDG_STATE_HOME": str(cls.folder / "state")}
        cls.local_lake = cls.folder / "lake"
        smelt_ok("demo", "--data", small_data(SCALE), "--lake", cls.local_lake)
        smelt_ok("demo", "--data", small_data(SCALE), "--lake", cls.lake, env=cls.env)

    @classmethod
    def objects(cls):
        """Path → size of every object below the lake."""
        return s3_server.files(cls.server, cls.prefix)

    @classmethod
    def delete_lake(cls):
        for path in cls.objects():
            cls.server.delete_file(path)

    def read(self, address, **options):
        table = DeltaTable(address, **options).to_pyarrow_table()
        return table.select([name for name in table.column_names if name not in CLOCK_COLUMNS])

    def test_same_tables_as_in_a_folder(self):
        storage = {
            "AWS_ENDPOINT_URL": os.environ["AWS_ENDPOINT_URL"],
            "AWS_REGION": os.environ["AWS_REGION"],
            "AWS_ACCESS_KEY_ID": os.environ["AWS_ACCESS_KEY_ID"],
            "AWS_SECRET_ACCESS_KEY": os.environ["AWS_SECRET_ACCESS_KEY"],
            "AWS_ALLOW_HTTP": "true",
        }
        self.assertGreater(len(tables(self.local_lake)), 30)
        duck = duckdb.connect()
        self.addCleanup(duck.close)
        for table in tables(self.local_lake):
            if table in RECORDS:
                continue
            with self.subTest(table):
                duck.register("here", self.read(str(folder_of(self.local_lake, table))))
                duck.register("there", self.read(f"{self.lake}/{table.replace('.', '/')}", storage_options=storage))
                counts = duck.sql(
                    "select (select count(*) from (from here except all from there)),"
                    " (select count(*) from (from there except all from here)), (select count(*) from there)"
                ).fetchone()
                self.assertEqual(counts[:2], (0, 0), "rows that one lake alone has")
                rows = smelt_ok(
                    "sql", "--lake", self.lake, "-c", f"select count(*) from {table}", "--format", "csv", env=self.env
                )
                self.assertEqual(rows.stdout.splitlines()[1], str(counts[2]))

    def test_the_first_statement_reads_a_bucket_whatever_the_lake(self):
        table = f"{self.lake}/gold/daily_revenue"
        for lake in ((), ("--lake", self.local_lake)):
            for reading in (f"delta_scan('{table}')", f"read_parquet('{table}/*.parquet')"):
                with self.subTest(lake=lake, reading=reading):
                    counted = f"select count(*) > 0 from {reading}"
                    rows = smelt_ok("sql", *lake, "-c", counted, "--format", "csv", env=self.env)
                    self.assertEqual(rows.stdout.splitlines()[1], "true")

    def test_second_run_commits_nothing(self):
        before = {path: size for path, size in self.objects().items() if "/_delta_log/" in path}
        self.assertGreater(len(before), 30)
        again = smelt_ok("demo", "--data", small_data(SCALE), "--lake", self.lake, env=self.env)
        self.assertIn("nothing to do", again.stdout)
        self.assertEqual({path: size for path, size in self.objects().items() if "/_delta_log/" in path}, before)

    def test_writers_of_two_processes_lose_nothing(self):
        smelt_ok("sql", "--lake", self.lake, "-c", "create table main.t (writer int, n int)", env=self.env)
        script = "; ".join("insert into main.t values ({0}, %d)" % n for n in range(10))
        codes = [None, None]

        def write(writer):
            codes[writer] = smelt("sql", "--lake", self.lake, "-c", script.format(writer), env=self.env).returncode

        threads = [threading.Thread(target=write, args=(writer,)) for writer in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(codes, [0, 0])
        counted = "select count(*) as n, count(distinct (writer, n)) as different from main.t"
        rows = smelt_ok("sql", "--lake", self.lake, "-c", counted, "--format", "csv", env=self.env).stdout
        self.assertEqual(rows.splitlines()[1], "20,20")
        commits = [path for path in self.objects() if "/main/t/_delta_log/" in path and path.endswith(".json")]
        self.assertEqual(len(commits), 21)

    def test_tables_are_maintained(self):
        inserts = "".join(f"insert into main.m select range % 2, range from range({n}0, {n}9);" for n in range(1, 5))
        smelt_ok(
            "sql", "--lake", self.lake, "-c",
            f"create table main.m (p int, i int) partitioned by (p); {inserts}"
            "call optimize('main.m'); call clone('main.m', 'main.n'); call optimize('main.m', zorder => ['i']);"
            "call restore('main.m', version => 5);"
            "call vacuum('main.m', retain_hours => 0, retention_check => false)",
            env=self.env,
        )  # fmt: skip
        data_files = [path for path in self.objects() if "/main/m/" in path and "/_delta_log/" not in path]
        self.assertEqual(len(data_files), 2)
        counted = "select count(*), sum(i) from main.m union all select count(*), sum(i) from main.n"
        rows = smelt_ok("sql", "--lake", self.lake, "-c", counted, "--format", "csv", env=self.env).stdout
        self.assertEqual(rows.splitlines()[1:], ["36,1044", "36,1044"])

    def test_wrong_keys_are_a_clear_error(self):
        result = smelt(
            "sql", "--lake", self.lake, "-c", "from gold.monthly_revenue",
            env={**self.env, "AWS_SECRET_ACCESS_KEY": "wrong"},
        )  # fmt: skip
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn("SMELT-STORE-0003", result.stderr)


if __name__ == "__main__":
    outcome = unittest.main(exit=False).result
    sys.stdout.flush()
    sys.stderr.flush()
    # The clients may abort while the interpreter shuts down, after all work is done.
    os._exit(0 if outcome.wasSuccessful() and outcome.testsRun else 1)
