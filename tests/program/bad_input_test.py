"""Bad input: a clear error that names file and line and leaves the lake as it was, or a row in quarantine that says where
it stood and why. Nothing is skipped in silence, nothing crashes."""

import csv
import gzip
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from smelt_program import PROGRAM, ROOT, LakeTest, environment, query, small_data, smelt, smelt_ok, tables, versions

ORDERS = "olist_orders_dataset.csv"
SCALE = "0.005"
HEADER = (
    "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,order_delivered_carrier_date,"
    "order_delivered_customer_date,order_estimated_delivery_date"
)
TIMES = "2018-01-02 03:04:05,2018-01-02 04:00:00,,,2018-02-01 00:00:00"


def order(number, status="created", times=TIMES):
    return f"{number:032x},{number + 1000:032x},{status},{times}"


class BadInputTest(LakeTest):
    @classmethod
    def setUpClass(cls):
        cls.template = Path(tempfile.mkdtemp(prefix="smelt-lake-"))
        cls.addClassCleanup(shutil.rmtree, cls.template, ignore_errors=True)
        smelt_ok("demo", "--data", small_data(SCALE), "--lake", cls.template / "lake")

    def setUp(self):
        super().setUp()
        shutil.copytree(self.template / "lake", self.lake)
        self.data = self.folder / "data"
        shutil.copytree(small_data(SCALE), self.data)

    def add_orders(self, content):
        """One more file of orders, beside those that are loaded."""
        path = self.data / "later" / ORDERS
        path.parent.mkdir()
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def assert_refused(self, result, exit_code, *parts):
        """The command failed as it should, said so, and changed no table."""
        self.assertEqual(result.returncode, exit_code, result.stdout + result.stderr)
        # A pipeline's report holds the error on standard output, single commands print it on standard error.
        for part in parts:
            self.assertIn(part, result.stdout + result.stderr)
        self.assertEqual(versions(self.lake), versions(self.template / "lake"))

    def run_demo(self):
        return smelt("demo", "--data", self.data, "--lake", self.lake)

    def as_nobody(self, command, *arguments):
        """Runs the program without the right to read and write whatever it likes, which root has."""
        data = () if command == "sql" else ("--data", self.data)
        whole = [PROGRAM, command, "--lake", self.lake, *data, *arguments]
        if os.geteuid() == 0:
            whole = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all", *whole]
        whole = list(map(str, whole))
        return subprocess.run(whole, capture_output=True, text=True, check=False, env=environment())

    def ingest(self, *arguments):
        project = ROOT / "projects/olist"
        return smelt_ok("ingest", "--project-dir", project, "--lake", self.lake, "--data", self.data, *arguments)


class FilesTest(BadInputTest):
    """Files that cannot be loaded at all."""

    def test_refused_files(self):
        header_without_status = HEADER.replace("order_status,", "")
        cases = {
            "empty file": (b"", ("SMELT-CSV-0001",)),
            "a name twice": (HEADER.replace("order_status", "order_id") + "\n", ("SMELT-CSV-0002", ":1", "order_id")),
            "missing column": (header_without_status + "\n", ("SMELT-CSV-0003", ":1", "order_status")),
            "extra column": (HEADER + ",colour\n", ("SMELT-CSV-0004", ":1", "colour")),
            "endless header": (b"x" * 10_000_000, ("SMELT-CSV-0003", ":1", "order_id")),
            "compressed file": (gzip.compress(HEADER.encode()), ("SMELT-CSV-0002", ":1", "gzip")),
            "UTF-16": (HEADER.encode("utf-16"), ("SMELT-CSV-0002", ":1", "UTF-16")),
            "another delimiter": (HEADER.replace(",", ";") + "\n", ("SMELT-CSV-0003", ":1", "delimiter")),
            "header in Latin-1": (HEADER.encode() + b",preg\xe3o\n", ("SMELT-CSV-0002", ":1", "UTF-8")),
            "unclosed quote": (
                f'{HEADER}\n{order(1)}\n{order(2).replace("created", chr(34) + "created")}\n{order(3)}\n',
                ("SMELT-CSV-0005", ":3"),
            ),
        }
        for name, (content, parts) in cases.items():
            with self.subTest(name):
                shutil.rmtree(self.data / "later", ignore_errors=True)
                self.add_orders(content)
                result = self.run_demo()
                self.assert_refused(result, 1, f"later/{ORDERS}", *parts)
                self.assertLess(len(result.stdout + result.stderr), 50_000)

    def test_missing_file(self):
        (self.data / ORDERS).unlink()
        empty_lake = self.folder / "empty"
        result = smelt("demo", "--data", self.data, "--lake", empty_lake)
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn("SMELT-INGEST-0001", result.stdout)
        self.assertIn("olist_orders_dataset", result.stdout)
        self.assertEqual(tables(empty_lake), [])

    def test_odd_folders(self):
        """What is no data file is passed over, and what no table claims is named."""
        (self.data / "again").symlink_to(".")
        (self.data / "loop.csv").symlink_to("loop.csv")
        (self.data / f"nowhere-{ORDERS}").symlink_to("nowhere.csv")
        (self.data / "olist_orders_dataset_folder.csv").mkdir()
        os.mkfifo(self.data / "olist_orders_dataset_pipe.csv")
        (self.data / ORDERS.upper()).write_text(HEADER + "\n", encoding="utf-8")
        result = self.run_demo()
        self.assert_refused(result, 0, "nothing to do")
        self.assertIn(f"no table of the sources claims it: {ORDERS.upper()}", " ".join(result.stdout.split()))
        ingested = self.ingest()
        self.assertIn(ORDERS.upper(), ingested.stdout)

    def test_unreadable_file(self):
        (self.data / ORDERS).chmod(0)
        self.assert_refused(self.as_nobody("demo"), 3, "SMELT-STORE-0003", ORDERS)

    def test_lake_that_may_not_be_written(self):
        table = self.lake / "gold/daily_revenue"
        table.chmod(0o555)
        self.addCleanup(table.chmod, 0o755)
        result = self.as_nobody("sql", "-c", "insert into gold.daily_revenue from gold.daily_revenue")
        self.assert_refused(result, 3, "SMELT-STORE-0003", str(table))

    def test_missing_folder(self):
        result = smelt("demo", "--data", self.folder / "nowhere", "--lake", self.lake)
        self.assert_refused(result, 3, "SMELT-STORE-0001", "nowhere")

    def test_unreadable_folder(self):
        self.data.chmod(0)
        self.addCleanup(self.data.chmod, 0o755)
        self.assert_refused(self.as_nobody("demo"), 3, "SMELT-STORE-0003", str(self.data))

    def test_lake_below_a_file(self):
        (self.folder / "file").write_text("")
        result = smelt("demo", "--data", self.data, "--lake", self.folder / "file/lake")
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn("SMELT-STORE-", result.stderr)


class RowsTest(BadInputTest):
    """Rows that do not fit: each is in bronze or in quarantine, never nowhere."""

    def test_bad_rows_go_to_quarantine(self):
        lines = [
            HEADER.encode(),
            order(1).encode(),
            order(2, times="yesterday,,,,2018-02-01 00:00:00").encode(),  # line 3: no timestamp
            order(3).encode() + b",surplus",  # line 4: one field too many
            b"short,row",  # line 5: too few fields
            order(5, status="d\xe9livr\xe9").encode("latin-1"),  # line 6: Latin-1 bytes
            order(6, status="lost").encode(),  # line 7: not in the set
            order(7).encode(),
            order(7, status="approved").encode(),  # line 9: the key of line 8 again
            order(9).replace("created", "").encode(),  # line 10: a required value is missing
        ]
        self.add_orders(b"\n".join(lines) + b"\n")
        before = query(self.lake, "select count(*) as n from bronze.orders")[0]["n"]
        self.ingest()

        rows = query(
            self.lake,
            "select line, column_name, rule, raw_text from quarantine.orders"
            f" where source_file like '%later/{ORDERS}' order by line",
        )
        found = [(row["line"], row["column_name"] or "", row["rule"]) for row in rows]
        self.assertEqual(
            found,
            [
                (3, "order_purchase_timestamp", "type"),
                (4, "", "ragged"),
                (5, "", "ragged"),
                (6, "order_status", "encoding"),
                (7, "order_status", "set"),
                (10, "order_status", "required"),
            ],
        )
        self.assertEqual(rows[2]["raw_text"], "short,row")
        bronze = query(
            self.lake,
            f"select data_quality_flag as flag from bronze.orders where source_file like '%later/{ORDERS}' order by order_id, flag",
        )
        self.assertEqual(len(bronze) + len(rows), len(lines) - 1)
        self.assertEqual(sum("duplicate_key" in row["flag"] for row in bronze), 1)
        after = query(self.lake, "select count(*) as n from bronze.orders")[0]["n"]
        self.assertEqual(after, before + len(bronze))

    def rejected(self, source_file, table="orders"):
        """(line, column, rule) of each row of a file that is in quarantine."""
        where = f"where source_file = '{source_file}' order by line"
        rows = query(self.lake, f"select line, column_name, rule from quarantine.{table} {where}")
        return [(row["line"], row["column_name"] or "", row["rule"]) for row in rows]

    def loaded(self, source_file, table="orders"):
        where = f"where source_file = '{source_file}'"
        return query(self.lake, f"select count(*) as n from bronze.{table} {where}")[0]["n"]

    def test_odd_rows_are_accounted_for(self):
        later = f"later/{ORDERS}"
        lines = [
            HEADER,
            order(1),
            HEADER,  # line 3: the header again
            order(3).replace("created", "crea\0ted"),  # line 4: a NUL byte
            "x" * 10_000_000,  # line 5: one field without end
            order(5).replace("created", f'"{"y" * 10_000_000}"'),  # line 6: a value without end
            "",  # line 7: empty, no row
            order(7, times="2018-02-31 00:00:00,,,,2018-02-01 00:00:00"),  # line 8: no such day
            order(8, times="31/01/2018,,,,2018-02-01 00:00:00"),  # line 9: written in another way
            order(9, times='"2018-01-02\n03:04:05",,,,2018-02-01 00:00:00'),  # lines 10 and 11: a line break within
            order(10),
            "",
        ]
        rejected = [
            (3, "order_id", "pattern"), (4, "order_status", "nul_byte"), (5, "", "ragged"),
            (6, "order_status", "too_long"), (8, "order_purchase_timestamp", "type"),
            (9, "order_purchase_timestamp", "type"), (10, "order_purchase_timestamp", "type"),
        ]  # fmt: skip
        self.add_orders("\n".join(lines))
        self.ingest()
        self.assertEqual(self.rejected(later), rejected)
        self.assertEqual(self.loaded(later), 2)

    def test_line_ends_and_byte_order_marks(self):
        """However a file ends its lines, and with or without a mark before them: the same rows."""
        for number, (mark, end, closing) in enumerate(
            [("", "\r\n", "\r\n"), ("", "\r", "\r"), ("\ufeff", "\n", ""), ("\ufeff", "\r\n", "\r\n\r\n")]
        ):
            name = f"olist_orders_dataset_{number}.csv"
            rows = [order(100 * number + row) for row in range(1, 4)]
            (self.data / name).write_bytes((mark + end.join([HEADER, *rows]) + closing).encode())
            with self.subTest(name):
                self.ingest()
                self.assertEqual(self.loaded(name), 3)
        self.assertEqual([table for table in tables(self.lake) if table == "quarantine.orders"], [])

    def test_numbers_that_are_none(self):
        header = "order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value"
        prices = {
            '"1,234.50"': "type", "1.234,50": "ragged", "123456789012.00": "type", "12.345": "type", "1e3": "type",
            "NaN": "type", "R$ 5": "type", "": "required", "99999999.99": None, "-5.00": None,
        }  # fmt: skip
        item = "{0:032x},1,{0:032x},{0:032x},2018-01-02 00:00:00,{1},1.00"
        name = "olist_order_items_dataset_later.csv"
        rows = [item.format(number, price) for number, price in enumerate(prices)]
        (self.data / name).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        self.ingest()
        expected = [
            (line, "" if rule == "ragged" else "price", rule) for line, rule in enumerate(prices.values(), 2) if rule
        ]
        self.assertEqual(self.rejected(name, "order_items"), expected)
        self.assertEqual(self.loaded(name, "order_items"), 2)

    def test_file_names_of_any_bytes(self):
        later = self.data / os.fsdecode(b"olist_orders_dataset_\xe7'\n.csv")
        later.write_text(f"{HEADER}\n{order(1)}\n{order(2, status='lost')}\n", encoding="utf-8")
        self.ingest()
        shown = "olist_orders_dataset_\\xE7''\n.csv"
        self.assertEqual(self.loaded(shown), 1)
        self.assertEqual(self.rejected(shown), [(3, "order_status", "set")])

    def test_messages_cannot_steer_the_terminal(self):
        self.add_orders(f"{HEADER},\x1b[2Jred\n")
        result = smelt("ingest", "--project-dir", ROOT / "projects/olist", "--lake", self.lake, "--data", self.data)
        self.assert_refused(result, 1, "SMELT-CSV-0004", r"\x1b[2Jred")
        self.assertNotIn("\x1b", result.stdout + result.stderr)

    def test_duplicate_keys(self):
        """A row that is there twice stays in bronze, which keeps what arrived, with a flag; silver has it once."""
        self.add_orders(f"{HEADER}\n{order(1)}\n{order(1)}\n")
        result = self.run_demo()
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertIn("expect_column_values_to_be_unique", result.stdout)
        chosen = f"where order_id = '{1:032x}'"
        flags = query(self.lake, f"select data_quality_flag as flag from bronze.orders {chosen} order by flag")
        self.assertEqual([row["flag"] for row in flags], ["duplicate_key", "ok"])
        self.assertEqual(query(self.lake, f"select count(*) as n from silver.orders {chosen}"), [{"n": 1}])

    def test_every_row_of_every_file_is_accounted_for(self):
        files = {path.name: path for path in self.data.glob("*.csv")}
        self.assertEqual(len(files), 9)
        where = "from {} where split_part(source_file, '/', -1) = '{}'"
        names = {table.split(".")[1] for table in tables(self.lake) if table.startswith("bronze.")}
        quarantined = {table.split(".")[1] for table in tables(self.lake) if table.startswith("quarantine.")}
        for name in names:
            files_of = query(self.lake, f"select distinct source_file from bronze.{name}")
            self.assertEqual(len(files_of), 1, name)
            file = Path(files_of[0]["source_file"]).name
            with open(files[file], newline="", encoding="utf-8-sig") as stream:
                in_file = sum(1 for _ in csv.reader(stream)) - 1
            count = "select count(*) as n " + where
            in_lake = query(self.lake, count.format(f"bronze.{name}", file))[0]["n"]
            if name in quarantined:
                in_lake += query(self.lake, count.format(f"quarantine.{name}", file))[0]["n"]
            self.assertEqual(in_lake, in_file, file)


class ProjectTest(BadInputTest):
    """Mistakes in a project's own files."""

    def setUp(self):
        super().setUp()
        self.project = self.folder / "project"
        shutil.copytree(ROOT / "projects/olist", self.project)

    def edit(self, path, old, new):
        file = self.project / path
        text = file.read_text(encoding="utf-8")
        self.assertIn(old, text)
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    def write_model(self, name, sql):
        (self.project / f"models/gold/{name}.sql").write_text(sql, encoding="utf-8")

    def build(self, *arguments):
        return smelt("build", "--project-dir", self.project, "--lake", self.lake, *arguments)

    def test_unknown_key_in_sources(self):
        line = self.edit("sources/olist.yml", "    files: olist_orders", "    fils: olist_orders")
        result = smelt("ingest", "--project-dir", self.project, "--lake", self.lake, "--data", self.data)
        self.assert_refused(result, 2, "SMELT-CONFIG-0002", f"olist.yml:{line}", "fils", "files")

    def test_unknown_key_in_the_project_file(self):
        line = self.edit("smelt.yml", "suites:", "sweets:")
        result = self.build()
        self.assert_refused(result, 2, "SMELT-CONFIG-0002", f"smelt.yml:{line}", "sweets", "suites")

    def test_unknown_key_in_a_pipeline(self):
        line = self.edit("pipelines/daily.yml", "    needs: inputs", "    need: inputs")
        result = smelt(
            "pipeline", "run", "daily", "--project-dir", self.project, "--lake", self.lake, "--data", self.data
        )
        self.assert_refused(result, 2, "SMELT-CONFIG-0002", f"daily.yml:{line}", "needs")

    def test_yaml_that_does_not_parse(self):
        (self.project / "smelt.yml").write_text("name: [olist\n", encoding="utf-8")
        self.assert_refused(self.build(), 2, "SMELT-CONFIG-0001", "smelt.yml:")

    def test_cycle_of_models(self):
        self.write_model("hen", "select * from {{ ref('egg') }}")
        self.write_model("egg", "select * from {{ ref('hen') }}")
        self.assert_refused(self.build(), 2, "SMELT-DBT-0003", "hen", "egg")

    def test_missing_ref(self):
        self.write_model("lonely", "-- a comment\nselect * from {{ ref('nobody') }}")
        self.assert_refused(self.build(), 2, "SMELT-DBT-0002", "lonely.sql:2", "nobody")

    def test_template_that_does_not_parse(self):
        self.write_model("broken", "select 1\n{% if true %}\n, 2")
        self.assert_refused(self.build(), 2, "SMELT-JINJA-0001", "broken.sql:")

    def test_sql_that_does_not_parse(self):
        self.write_model("broken", "select 1 as one,\nfrom from")
        self.assert_refused(self.build("--select", "broken"), 1, "SMELT-SQL-0001", "broken.sql:2", "2 | from from")

    def test_not_one_statement(self):
        self.write_model("broken", "select 1 as one; drop table gold.daily_revenue")
        self.assert_refused(self.build("--select", "broken"), 1, "SMELT-SQL-0001", "broken.sql", "2 statements")
        self.write_model("broken", "-- nothing\n")
        self.assert_refused(self.build("--select", "broken"), 1, "SMELT-SQL-0001", "broken.sql", "no statement")

    def test_model_that_is_not_utf8(self):
        (self.project / "models/gold/broken.sql").write_bytes("select 1 as one,\n'\xe9' as two".encode("latin-1"))
        self.assert_refused(self.build("--select", "broken"), 2, "SMELT-JINJA-0001", "broken.sql:2", "UTF-8")

    def test_unknown_column(self):
        self.write_model("broken", "select\n  colour\nfrom {{ ref('orders') }}")
        self.assert_refused(self.build("--select", "broken"), 1, "SMELT-SQL-0002", "broken.sql:2", "colour")


class SqlTest(BadInputTest):
    def test_statements_that_fail(self):
        cases = {
            "selec 1": (2, "SMELT-SQL-0001"),
            "select * from silver.nothing": (2, "SMELT-SQL-0004"),
            "select colour from silver.orders": (2, "SMELT-SQL-0002"),
            "select 'x'::int": (3, "SMELT-SQL-0003"),
            "insert into silver.orders (order_id) values (1, 2)": (2, "SMELT-SQL-"),
            "select * from silver.orders at (version => 999)": (3, "SMELT-DELTA-0005"),
            "select * from delta_scan('/nowhere/at/all')": (3, "SMELT-DELTA-0001"),
        }
        for statement, (exit_code, code) in cases.items():
            with self.subTest(statement):
                self.assert_refused(smelt("sql", "--lake", self.lake, "-c", statement), exit_code, code)

    def test_what_fails_in_a_transaction_is_rolled_back(self):
        script = "begin; delete from gold.monthly_revenue; select 'x'::int; commit"
        self.assert_refused(smelt("sql", "--lake", self.lake, "-c", script), 3, "SMELT-SQL-0003")

    def test_usage(self):
        for arguments in (["frobnicate"], ["sql", "--lake", self.lake, "--format", "xml", "-c", "select 1"], ["demo", "--scale", "-1"]):
            with self.subTest(arguments):
                self.assert_refused(smelt(*arguments, cwd=self.folder), 2)


if __name__ == "__main__":
    unittest.main()
