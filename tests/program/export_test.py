"""`smelt export`: a workbook that an independent reader opens holds what SQL says, value by value and type by type; texts
stay texts; what Excel has no room for is an error, and then there is no file."""

import datetime
import json
import resource
import shutil
import signal
import time
import unittest
import zipfile
from decimal import Decimal

import openpyxl
import smelt_program
from physical_files import base_and_days, copy_of_the_project
from smelt_program import ROOT, LakeTest, query, smelt, smelt_ok, start

TYPES = """select * from (values
  (1::bigint, 12.30::decimal(10,2), 0.1::double, true, date '2018-05-24', timestamp '2018-05-24 06:30:15',
   '2018-05-24 08:30:15.25+02'::timestamptz, time '12:34:56', 'plain', [1, 2], {'a': 1.5, 'b': 'x'}),
  (-9007199254740993, -99999999.99, 1e300, false, date '1900-01-01', timestamp '9999-12-31 23:59:59',
   '1969-07-20 20:17:40+00'::timestamptz, time '00:00:00', '=1+1', [], {'a': null, 'b': '"'}),
  (null, null, null, null, null, null, null, null, null, null, null),
  (123456789012345, 0.00, 'nan'::double, true, date '1899-12-31', timestamp '2018-05-24 00:00:00',
   '2018-05-24 00:00:00+00'::timestamptz, time '23:59:59.5', '', [null], {'a': 2, 'b': ''})
) as t(i, d, f, b, day, ts, tz, tm, txt, list, rec)
"""
# What other programs have made a formula or a command of, or XML a mess.
AWKWARD = ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|'/c calc'!A0", "{=1}", "'x", " a ", "line\nend", "tab\there", "<b>&amp;</b>",
           "São Paulo 😀", "007", "1e5", "true", "2018-05-24", "#N/A", "http://x.example/?a=1&b=2"]  # fmt: skip


def workbook(path):
    return openpyxl.load_workbook(path)


def rows_of(sheet):
    """The header, and the rows below it."""
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    return rows[0], rows[1:]


class ExportTest(LakeTest):
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.file = self.folder / "out.xlsx"

    def sql(self, *statements):
        for statement in statements:
            smelt_ok("sql", "--lake", self.lake, "-c", statement)

    def export(self, *arguments):
        return smelt_ok("export", "--xlsx", self.file, "--lake", self.lake, *arguments)

    def fails(self, code, *arguments, expected=(), exit_code=2):
        done = smelt("export", "--xlsx", self.file, "--lake", self.lake, *arguments)
        self.assertEqual(done.returncode, exit_code, done.stdout + done.stderr)
        for text in (code, *expected):
            self.assertIn(text, done.stderr)
        self.assertFalse(self.file.exists())
        self.assertEqual(list(self.folder.glob(".tmp-*")), [], "a part of a file is left")

    def test_every_type_is_a_cell_of_its_own(self):
        self.make_lake()
        self.export("--sheet", "every_type=" + TYPES)
        sheet = workbook(self.file)["every_type"]
        header, rows = rows_of(sheet)
        self.assertEqual(header, ["i", "d", "f", "b", "day", "ts", "tz", "tm", "txt", "list", "rec"])
        when = datetime.datetime
        expected = [
            [1, 12.3, 0.1, True, when(2018, 5, 24), when(2018, 5, 24, 6, 30, 15), when(2018, 5, 24, 6, 30, 15, 250000),
             datetime.time(12, 34, 56), "plain", "[1,2]", '{"a":1.5,"b":"x"}'],
            ["-9007199254740993", -99999999.99, 1e300, False, when(1900, 1, 1), when(9999, 12, 31, 23, 59, 59),
             when(1969, 7, 20, 20, 17, 40), datetime.time(0, 0), "=1+1", "[]", '{"a":null,"b":"\\""}'],
            [None] * 11,
            [123456789012345, 0, "nan", True, "1899-12-31", when(2018, 5, 24), when(2018, 5, 24),
             datetime.time(23, 59, 59, 500000), None, "[null]", '{"a":2.0,"b":""}'],
        ]  # fmt: skip
        self.assertEqual(rows, expected)
        kinds = [[cell.data_type for cell in row] for row in sheet.iter_rows(min_row=2)]
        self.assertEqual(kinds[0], ["n", "n", "n", "b", "d", "d", "d", "d", "s", "s", "s"])
        self.assertEqual(kinds[1][0], "s")
        self.assertEqual(kinds[1][8], "s", "a text that looks like a formula is none")
        formats = [cell.number_format for cell in sheet[2]]
        self.assertEqual(
            formats,
            ["0", "0.00", "General", "General", "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd hh:mm:ss.000", "hh:mm:ss",
             "@", "@", "@"],
        )  # fmt: skip

    def test_texts_stay_texts(self):
        odd = "a\x01b\rc_x0041_d\x1f"
        values = ", ".join(f"({number}, '{text.replace(chr(39), chr(39) * 2)}')" for number, text in enumerate([*AWKWARD, odd]))
        self.sql(f"create table gold.texts as select * from (values {values}) as t(n, txt)")
        self.export("--sheet", "Texts=select txt from gold.texts order by n")
        sheet = workbook(self.file)["Texts"]
        cells = [row[0] for row in sheet.iter_rows(min_row=2)]
        self.assertEqual([cell.value for cell in cells[:-1]], AWKWARD)
        self.assertEqual({cell.data_type for cell in cells}, {"s"})
        self.assertEqual({cell.number_format for cell in cells}, {"@"}, "Excel makes nothing else of it when it is edited")
        with zipfile.ZipFile(self.file) as package:
            xml = package.read("xl/worksheets/sheet1.xml").decode()
        self.assertNotIn("<f>", xml)
        self.assertIn("a_x0001_b_x000D_c_x005F_x0041_d_x001F_", xml)

    def test_the_header_is_bold_frozen_and_filters(self):
        self.make_lake()
        self.export("--sheet", "every_type=" + TYPES, "--sheet", "None=select 1 as a where false")
        book = workbook(self.file)
        self.assertEqual(book.sheetnames, ["every_type", "None"])
        for sheet, area in (("every_type", "A1:K5"), ("None", "A1:A1")):
            self.assertEqual(book[sheet].freeze_panes, "A2")
            self.assertIn(book[sheet].auto_filter.ref, (area, area.split(":")[0]))
            self.assertTrue(all(cell.font.b for cell in book[sheet][1]))
        widths = book["every_type"].column_dimensions
        self.assertGreater(widths["F"].width, 18, "a timestamp has room")
        self.assertLess(widths["K"].width, 62)

    def test_long_numbers_are_counted_and_told(self):
        self.make_lake()
        lines = self.export("--json", "--sheet", "S=select unnest([1, 12345678901234567, 2]) as a, 1.5 as b").stdout.splitlines()
        sheet, file = map(json.loads, lines)
        self.assertEqual(sheet, {"sheet": "S", "rows": 3, "columns": 2, "kept_as_text": 1})
        self.assertEqual(file["bytes"], self.file.stat().st_size)
        self.assertEqual((file["file"], file["sheets"]), (str(self.file), 1))
        self.assertEqual(rows_of(workbook(self.file)["S"])[1], [[1, 1.5], ["12345678901234567", 1.5], [2, 1.5]])

        done = self.export("--sheet", "S=select 12345678901234567 as a union all select 1234567890123456789")
        self.assertIn("sheet 'S' has 2 numbers or dates as text", done.stdout)

    def test_sheets_are_those_of_the_command_line_in_its_order(self):
        self.sql("create table gold.orders as select 1 as a", "create table silver.orders as select 2 as a")
        self.export("--sheet", "Last=gold.orders", "--table", "silver.orders", "--sheet", "Q=select a + 1 as a from gold.orders",
                    "--table", "gold.orders")  # fmt: skip
        book = workbook(self.file)
        self.assertEqual(book.sheetnames, ["Last", "orders", "Q", "gold.orders"])
        self.assertEqual([book[name]["A2"].value for name in book.sheetnames], [1, 2, 2, 1])

    def test_long_names_of_tables_are_shortened_all_alike(self):
        name = "a_table_with_quite_a_long_name_of_its_own"
        self.sql(f"create table gold.{name}_1 as select 1 as a", f"create table gold.{name}_2 as select 2 as a")
        for _ in range(2):
            self.export("--table", f"gold.{name}_1", "--table", f"gold.{name}_2")
            self.assertEqual(workbook(self.file).sheetnames, [name[:31], name[:29] + "~2"])

    def test_names_that_excel_does_not_take(self):
        self.make_lake()
        for name, why in (("a/b", "'/'"), ("a" * 32, "31 characters"), ("", "is empty"), ("'a", "apostrophe"), ("History", "keeps")):
            self.fails("SMELT-USAGE-0001", "--sheet", f"{name}=select 1 as a", expected=[why])
        self.fails("SMELT-USAGE-0001", "--sheet", "Ä=select 1 as a", "--sheet", "ä=select 1 as a", expected=["'ä' already"])

    def test_rows_that_no_sheet_holds(self):
        self.make_lake()
        rows = "select range as n from range({})"
        self.export("--sheet", "Full=" + rows.format(1_048_575))
        with zipfile.ZipFile(self.file) as package:
            self.assertIn(b'<row r="1048576">', package.read("xl/worksheets/sheet1.xml")[-400:])
        self.file.unlink()
        self.fails("SMELT-EXPORT-0001", "--sheet", "Small=select 1 as a", "--sheet", "Big=" + rows.format(1_048_576),
                   expected=["'Big'", "1048575", "where"])  # fmt: skip

    def test_texts_that_no_cell_holds(self):
        self.make_lake()
        self.fails("SMELT-EXPORT-0001", "--sheet", "T=select 'x' as a, repeat('y', 32768) as note",
                   expected=["'T'", "'note'", "32768", "left("])  # fmt: skip
        self.export("--sheet", "T=select repeat('y', 32767) as note")
        self.assertEqual(len(workbook(self.file)["T"]["A2"].value), 32767)

    def test_mistakes(self):
        self.sql("create table gold.orders as select 1 as a")
        self.fails("SMELT-SQL-0004", "--table", "gold.ordres", expected=["sheet 'ordres'"])
        self.fails("SMELT-SQL-0002", "--sheet", "A=select b from gold.orders", expected=["sheet 'A'"])
        self.fails("SMELT-ACCESS-0003", "--sheet", "A=delete from gold.orders", expected=["sheet 'A'"])
        self.fails("SMELT-SQL-0001", "--sheet", "A=select 1; select 2", expected=["one statement"])
        self.fails("SMELT-USAGE-0001", "--sheet", "gold.orders", expected=["--sheet"])
        self.fails("SMELT-USAGE-0001", expected=["--table"])
        done = smelt("export", "--xlsx", self.folder / "out.xls", "--table", "gold.orders", "--lake", self.lake)
        self.assertIn(".xlsx", done.stderr)
        self.assertEqual(query(self.lake, "select count(*) as n from gold.orders"), [{"n": 1}])

    def test_a_file_that_is_there_stays_until_the_new_one_is_whole(self):
        self.make_lake()
        self.export("--sheet", "A=select 1 as a")
        before = self.file.read_bytes()
        done = smelt("export", "--xlsx", self.file, "--lake", self.lake, "--sheet", "A=select error('no') as a")
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(self.file.read_bytes(), before)
        self.export("--sheet", "B=select 1 as a")
        self.assertEqual(workbook(self.file).sheetnames, ["B"])

    def test_a_full_disk_for_temporary_files_leaves_no_file(self):
        """Where rows wait, and where a sheet is put together from them: the library itself looks at neither."""
        self.make_lake()
        sheet = "A=select range as n, md5(range::varchar) as h from range(50000)"
        self.export("--sheet", sheet)
        with zipfile.ZipFile(self.file) as package:
            whole = package.getinfo("xl/worksheets/sheet1.xml").file_size
        self.file.unlink()
        for bytes_max in (whole // 2, whole - 20):
            # Without restored signals: a file too large is an error of writing then, and ends no process.
            done = smelt("export", "--xlsx", self.file, "--lake", self.lake, "--sheet", sheet, restore_signals=False,
                         preexec_fn=lambda most=bytes_max: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)))  # fmt: skip
            self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
            self.assertIn("SMELT-STORE-", done.stderr)
            self.assertFalse(self.file.exists())
            self.assertEqual(list(self.folder.glob(".tmp-*")), [])

    def test_interrupted_it_leaves_no_file(self):
        self.make_lake()
        process = start("export", "--xlsx", self.file, "--lake", self.lake, "--sheet",
                        "Long=select range as n, md5(range::varchar) as h from range(100000000) where range % 200 = 0 order by h")  # fmt: skip
        deadline = time.monotonic() + 60
        while not list(self.folder.glob(".tmp-*")) and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, output)
        self.assertFalse(self.file.exists())
        self.assertEqual(list(self.folder.glob(".tmp-*")), [])

    def test_what_is_committed_meanwhile_is_in_no_sheet(self):
        self.sql("create table gold.orders as select 1 as a", "create table gold.lines as select 1 as a",
                 "create view gold.totals as select sum(a) as a from gold.lines")  # fmt: skip
        slow = "select count(*) as n from range(25000) as x, range(25000) as y where x.range * y.range % 7 = 1"
        process = start("export", "--xlsx", self.file, "--lake", self.lake, "--sheet", "Slow=" + slow,
                        "--table", "gold.orders", "--table", "gold.totals")  # fmt: skip
        while not list(self.folder.glob(".tmp-*")) and process.poll() is None:
            time.sleep(0.01)
        self.sql("insert into gold.orders values (2); insert into gold.lines values (2)")
        self.assertIsNone(process.poll(), "it ended before there was something new")
        process.communicate(timeout=300)
        book = workbook(self.file)
        self.assertEqual([book[name]["A2"].value for name in ("orders", "totals")], [1, 1])
        self.assertEqual(query(self.lake, "select a from gold.totals"), [{"a": 3}])

    def test_tables_as_they_were(self):
        self.sql("create table gold.orders as select 1 as a")
        time.sleep(1.1)
        between = datetime.datetime.now(datetime.timezone.utc).isoformat().replace("+00:00", "Z")
        time.sleep(1.1)
        self.sql("insert into gold.orders values (2)", "create view gold.totals as select sum(a) as a from gold.orders")
        self.export("--table", "gold.orders", "--as-of", between)
        self.assertEqual(rows_of(workbook(self.file)["orders"])[1], [[1]])
        lines = self.export("--json", "--table", "gold.orders", "--table", "gold.totals").stdout.splitlines()
        self.assertEqual(json.loads(lines[-1])["table_versions"], {"gold.orders": 1})
        self.assertEqual(rows_of(workbook(self.file)["totals"])[1], [[3]])


class ExportOfProjectTest(LakeTest):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        base, _ = base_and_days()
        cls.root = base.parent / "export"
        cls.project = copy_of_the_project(cls.root / "project")
        cls.shared = cls.root / "lake"
        shutil.copytree(base, cls.project / "data/base")
        for pipeline in ("data_ingestion", "dbt_transformation"):
            smelt_ok("pipeline", "run", pipeline, "--project-dir", cls.project, "--lake", cls.shared, "--data", cls.project / "data")

    def test_the_workbook_of_the_month_is_what_sql_says(self):
        file = self.folder / "month.xlsx"
        smelt_ok("export", "monthly_workbook", "--xlsx", file, "--project-dir", self.project, "--lake", self.shared)
        book = workbook(file)
        definition = (ROOT / "projects/physical/exports/monthly_workbook.yml").read_text(encoding="utf-8")
        queries = sheets_of(definition)
        self.assertEqual(book.sheetnames, list(queries))
        self.assertGreaterEqual(len(queries), 4)
        for name, sql in queries.items():
            with self.subTest(sheet=name):
                wanted = query(self.shared, sql)
                header, rows = rows_of(book[name])
                self.assertGreater(len(wanted), 0)
                self.assertEqual(len(header), len(wanted[0]))
                self.assertEqual(rows, [[as_cell(value) for value in row.values()] for row in wanted])
                self.assertEqual(book[name].freeze_panes, "A2")
        sales = book["Sales by month"]
        self.assertEqual(sales["A1"].value, "Month")
        self.assertEqual(sales["A2"].number_format, "mmm yyyy")
        self.assertEqual(sales["C2"].number_format, '"€"#,##0.00')
        self.assertEqual(book.properties.title, "Sales, products, customers and quality by month")

    def test_exports_are_listed(self):
        done = smelt_ok("export", "list", "--json", "--project-dir", self.project)
        (line,) = map(json.loads, done.stdout.splitlines())
        self.assertEqual(line["export"], "monthly_workbook")
        self.assertIn("Sales by month", line["sheets"])
        done = smelt("export", "monthly_workbok", "--project-dir", self.project, "--lake", self.shared)
        self.assertEqual(done.returncode, 2)
        self.assertIn("'monthly_workbook'", done.stderr)

    def test_a_pipeline_writes_workbooks(self):
        project = copy_of_the_project(self.folder / "project")
        (project / "pipelines/month.yml").write_text(
            "name: month\ntasks:\n  - {name: write, type: export, with: {exports: monthly_workbook}}\n", encoding="utf-8")
        lake = shutil.copytree(self.shared, self.lake)
        smelt_ok("pipeline", "run", "month", "--project-dir", project, "--lake", lake)
        self.assertIn("Customers", workbook(project / "target/exports/monthly_workbook.xlsx").sheetnames)

    def test_mistakes_have_file_and_line(self):
        project = copy_of_the_project(self.folder / "project")
        file = project / "exports/wrong.yml"
        for text, expected in (
            ("sheets:\n  - {name: 'a:b', sql: select 1}\n", ("wrong.yml:2", "'a:b'")),
            ("sheets:\n  - {name: a, sql: select 1 as revenue, columns: {revenu: {label: x}}}\n", ("wrong.yml:2", "'revenue'")),
            ("sheets:\n  - {name: a, sql: select x}\n", ("wrong.yml:2", "sheet 'a'")),
        ):
            file.write_text(text, encoding="utf-8")
            out = self.folder / "out.xlsx"
            done = smelt("export", "wrong", "--xlsx", out, "--project-dir", project, "--lake", self.shared)
            self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
            for word in expected:
                self.assertIn(word, done.stderr)
            self.assertFalse(out.exists())


def sheets_of(definition):
    """Name → SQL of an export, whose queries are all block scalars."""
    sheets, name, lines = {}, None, None
    for line in definition.splitlines():
        if line.startswith("  - name: "):
            name, lines = line.removeprefix("  - name: "), None
        elif line.startswith("    table: "):
            sheets[name] = "select * from " + line.removeprefix("    table: ")
        elif line == "    sql: |":
            lines = []
        elif lines is not None and line.startswith("      "):
            lines.append(line)
            sheets[name] = "\n".join(lines)
        else:
            lines = None
    return sheets


def as_cell(value):
    """What the reader of workbooks makes of a value that SQL writes as JSON."""
    if isinstance(value, Decimal):
        number = float(value)
        return int(number) if number.is_integer() else number
    if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-":
        return datetime.datetime.fromisoformat(value)
    return value


if __name__ == "__main__":
    unittest.main()
