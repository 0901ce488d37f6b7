"""The command line as scripts and people meet it: exit codes, streams, hints, output that is complete or absent."""

import fcntl
import json
import os
import pty
import select
import shlex
import signal
import struct
import subprocess
import termios
import time
import unittest

import smelt_program
from smelt_program import PROGRAM, TIMEOUT_S, LakeTest, query, small_data, smelt, smelt_ok, versions


PATIENCE_S = 60  # how long the shell may say nothing while an answer is awaited


class CommandLineTest(LakeTest):
    def test_mistakes_suggest_the_nearest_word(self):
        for arguments, hint in (
            (["slq"], "did you mean 'sql'?"),
            (["pipeline", "rnu", "daily"], "did you mean 'run'?"),
            (["sql", "--fromat", "csv"], "did you mean --format?"),
        ):
            result = smelt(*arguments)
            self.assertEqual((result.returncode, result.stdout), (2, ""), arguments)
            self.assertIn(hint, result.stderr)

    def test_without_arguments_it_shows_where_to_begin(self):
        result = smelt_ok()
        self.assertIn("smelt demo", result.stdout)
        self.assertEqual(smelt_ok("help", "sql").stdout, smelt_ok("sql", "--help").stdout)

    def test_a_lake_that_is_not_there_is_not_made_by_looking(self):
        project = self.folder / "shop"
        smelt_ok("init", project)
        suite = project / "suites/orders_silver.yml"
        for command in (
            ["sql", "-c", "from silver.orders"],
            ["sql", "-c", "select count(*) from silver.orders"],
            ["table", "history", "silver.orders"],
            ["validate", "--suite", suite],
            ["test", "--project-dir", project],
            ["doctor"],
        ):
            result = smelt(*command, "--lake", self.lake)
            self.assertEqual(result.returncode, 3, command)
            self.assertIn(f"there is no lake at '{self.lake}'", result.stdout + result.stderr)
            self.assertIn("create table", result.stdout + result.stderr, "no way out is named")
            self.assertFalse(self.lake.exists(), command)
        smelt_ok("sql", "--lake", self.lake, "-c", "create table silver.orders as select 1 as order_id")
        self.assertEqual(smelt_program.scalar(self.lake, "select count(*) from silver.orders"), 1)

    def test_writing_without_a_lake_says_how_to_name_one(self):
        result = smelt("sql", "-c", "create table numbers as select 1")
        self.assertEqual(result.returncode, 2)
        self.assertIn("--lake DIR", result.stderr)
        self.assertEqual(smelt_ok("sql", "-c", "create temp table n as select 1 as a; from n", "--format", "csv").stdout, "a\n1\n")

    def test_sql_takes_the_lake_of_the_project_that_it_is_run_in(self):
        (self.folder / "smelt.yml").write_text(f"name: shop\nlake: {self.lake}\n")
        smelt_ok("sql", "-c", "create table numbers as select 7 as a", cwd=self.folder)
        self.assertEqual(smelt_program.scalar(self.lake, "select a from numbers"), 7)
        other = self.folder / "other"
        smelt_ok("sql", "--lake", other, "-c", "create table words as select 'x' as w", cwd=self.folder)
        self.assertEqual(smelt_program.scalar(other, "select w from words"), "x")

    def test_a_lake_may_be_named_by_a_file_address(self):
        wrong = smelt("sql", "--lake", self.lake, "-c", "create table a.numbers as select 1 as a")
        self.assertIn("create schema a", wrong.stderr)
        smelt_ok("sql", "--lake", f"file://{self.lake}", "-c", "create schema a; create table a.numbers as select 1 as a")
        self.assertEqual(smelt_program.scalar(self.lake, "select a from a.numbers"), 1)

    def test_a_path_that_is_not_text_is_refused(self):
        for command in (["sql", "-c", "select 1"], ["demo"]):
            result = smelt(*command, "--lake", os.fsdecode(os.fsencode(self.folder) + b"/l\xff"))
            self.assertEqual(result.returncode, 2)
            self.assertIn("is not UTF-8", result.stderr)
            self.assertEqual(list(self.folder.iterdir()), [])

    def test_ingest_says_what_to_do_next(self):
        project = self.folder / "shop"
        smelt_ok("init", project)
        output = smelt_ok("ingest", "--project-dir", project, "--lake", self.lake).stdout
        commands = [shlex.split(line) for line in output.split("Next:\n")[1].splitlines()]
        self.assertEqual([command[:2] for command in commands], [["smelt", "sql"], ["smelt", "build"], ["smelt", "sql"]])
        for command in commands:
            smelt_ok(*command[1:])

    def test_tables_of_a_project_have_its_properties(self):
        project = self.folder / "shop"
        smelt_ok("init", project)
        settings = project / "smelt.yml"
        plain = settings.read_text()
        settings.write_text(plain + "table_properties: {delta.parquet.compression.codec: zstd}\n")
        smelt_ok("ingest", "--project-dir", project, "--lake", self.lake)
        found = query(
            self.lake, f"select distinct compression from parquet_metadata('{self.lake}/bronze/**/part-*.parquet')"
        )
        self.assertEqual([row["compression"] for row in found], ["ZSTD"])
        settings.write_text(plain + "table_properties: {bronze: {delta.parquet.compression.codec: gzip}}\n")
        other = self.folder / "other"
        smelt_ok("ingest", "--project-dir", project, "--lake", other)
        found = query(other, f"select distinct compression from parquet_metadata('{other}/bronze/**/part-*.parquet')")
        self.assertEqual([row["compression"] for row in found], ["GZIP"])
        settings.write_text(plain + "table_properties: [delta.appendOnly]\n")
        result = smelt("ingest", "--project-dir", project, "--lake", self.lake)
        self.assertIn("table_properties", result.stderr)
        self.assertEqual(result.returncode, 2, result.stderr)
        line = len(plain.splitlines()) + 2
        for entry, shown in [("delta.apendOnly: true", "delta.appendOnly"), ("delta.isolationLevel: strict", "strict"),
                             ("gold: {delta.apendOnly: true}", "delta.appendOnly")]:  # fmt: skip
            settings.write_text(f"{plain}table_properties:\n  {entry}\n")
            result = smelt("ingest", "--project-dir", project, "--lake", self.lake)
            self.assertEqual(result.returncode, 2, result.stderr)
            self.assertIn(f"smelt.yml:{line}", result.stderr)
            self.assertIn(shown, result.stderr)

    def test_generating_shows_how_far_it_is_on_a_terminal(self):
        words = [PROGRAM, "generate", "olist", "--scale", "2", "--out", self.folder / "data"]
        process, terminal = pty.fork()
        if process == 0:
            os.execve(PROGRAM, [str(word) for word in words], smelt_program.environment() | {"TERM": "xterm"})
        shown, status = read_to_the_end(process, terminal)
        os.close(terminal)
        self.assertEqual(status, 0, shown)
        self.assertIn("data set", shown)
        self.assertRegex(shown, r"\d+ %")
        self.assertNotIn(" %", smelt_ok(*words[1:]).stdout)

    def test_statements_come_from_argument_file_and_pipe(self):
        self.make_lake()
        script = self.folder / "script.sql"
        script.write_text("select 1 as a;\nselect 2 as a;\n", encoding="utf-8")
        expected = "a\n1\na\n2\n"
        options = ["sql", "--lake", self.lake, "--format", "csv"]
        self.assertEqual(smelt_ok(*options, "-f", script).stdout, expected)
        self.assertEqual(smelt_ok(*options, script).stdout, expected)
        self.assertEqual(smelt_ok(*options, "-c", script.read_text(encoding="utf-8")).stdout, expected)
        with script.open(encoding="utf-8") as pipe:
            self.assertEqual(smelt_ok(*options, stdin=pipe).stdout, expected)

    def test_errors_in_scripts_name_the_line_of_the_script(self):
        self.make_lake()
        script = self.folder / "script.sql"
        script.write_text("select 1;\n\nselect nothing\n  from nowhere;\nselect 3;\n", encoding="utf-8")
        result = smelt("sql", "--lake", self.lake, "--format", "csv", "-f", script)
        self.assertEqual(result.returncode, 2)
        self.assertIn(f"{script}:4", result.stderr)
        self.assertIn("LINE 4:", result.stderr)
        self.assertEqual(result.stdout, "1\n1\n")

    def test_a_reader_that_leaves_ends_it_quietly(self):
        self.make_lake()
        command = f"'{PROGRAM}' sql --lake '{self.lake}' -c 'from range(1000000000)' --format csv"
        shell = ["bash", "-c", f"{command} | head -2; exit ${{PIPESTATUS[0]}}"]
        result = subprocess.run(
            shell, env=smelt_program.environment(), capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
        self.assertEqual((result.returncode, result.stdout, result.stderr), (141, "range\n0\n", ""))

    def test_json_is_one_object_per_line_and_nothing_else(self):
        result = smelt_ok("demo", "--data", small_data(), "--lake", self.lake, "--json")
        self.assertEqual(result.stderr, "")
        events = [json.loads(line) for line in result.stdout.splitlines()]
        steps = [event for event in events if event["event"] == "step_finished"]
        self.assertGreater(sum(step["kind"] == "test" for step in steps), 200)
        self.assertEqual(events[-1]["event"], "headline")
        self.assertIn("revenue_total", events[-1]["figures"])
        wrong = smelt("sql", "--lake", self.lake, "--json", "-c", "selec")
        self.assertEqual((wrong.returncode, json.loads(wrong.stdout)["error"]), (2, "SMELT-SQL-0001"))

    def test_the_report_folds_tests_and_a_second_run_is_brief(self):
        demo = ["demo", "--scale", smelt_program.SMALL_SCALE, "--lake", self.lake]
        report = smelt_ok(*demo).stdout
        self.assertIn("gold.daily_revenue", report)
        self.assertLess(len(report.splitlines()), 100)
        self.assertNotIn("not_null_", report)
        again = smelt_ok(*demo).stdout
        self.assertIn("nothing to do", again)
        self.assertLess(len(again.splitlines()), 8)

    def test_a_second_run_repeats_its_warnings_only(self):
        # Judged by the figures of the full data set, a small one has too few rows.
        demo = ["demo", "--data", small_data(), "--lake", self.lake]
        smelt_ok(*demo)
        before = versions(self.lake)
        again = smelt_ok(*demo).stdout
        self.assertIn("expect_table_row_count_to_be_between", again)
        self.assertIn("nothing to do", again)
        self.assertEqual(versions(self.lake), before)

    def test_a_failed_test_comes_with_the_query_that_shows_its_rows(self):
        project = self.folder / "shop"
        smelt_ok("init", project)
        schema = project / "models/schema.yml"
        text = schema.read_text(encoding="utf-8")
        self.assertIn("[pending, paid, shipped, delivered]", text)
        schema.write_text(text.replace("[pending, paid, shipped, delivered]", "[paid, shipped]"), encoding="utf-8")
        self.check_next_command_shows_rows(project, (["pipeline", "run", "daily"], ["build"]), 1)
        # A warning is no failure, but the same is said of it.
        warning = "- accepted_values: {severity: warn, values: [paid, shipped]}"
        schema.write_text(text.replace("- accepted_values: {values: [pending, paid, shipped, delivered]}", warning), encoding="utf-8")
        self.check_next_command_shows_rows(project, (["build"], ["test"]), 0)

    def check_next_command_shows_rows(self, project, commands, exit_code):
        for command in commands:
            result = smelt(*command, "--project-dir", project, "--lake", self.lake)
            self.assertEqual(result.returncode, exit_code, result.stdout + result.stderr)
            self.assertIn("accepted_values", result.stdout)
            following = result.stdout.split("Next:\n")[1].splitlines()[0].split()
            self.assertEqual(following[:2], ["smelt", "sql"])
            self.assertIn("delivered", smelt_ok(*following[1:]).stdout)

    def test_ctrl_c_leaves_a_lake_to_go_on_from(self):
        data = self.folder / "data"
        smelt_ok("generate", "olist", "--scale", "1", "--seed", "3", "--out", data)
        process = smelt_program.start("demo", "--data", data, "--lake", self.lake)
        deadline = time.monotonic() + TIMEOUT_S
        while not (self.lake / "bronze").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=TIMEOUT_S)
        self.assertEqual(process.returncode, 130, output)
        self.assertIn("State safe", output)
        self.assertIn(f"smelt demo --data {data} --lake {self.lake}", output)
        smelt_ok("demo", "--data", data, "--lake", self.lake)
        before = versions(self.lake)
        smelt_ok("demo", "--data", data, "--lake", self.lake)
        self.assertEqual(versions(self.lake), before)


class ShellTest(LakeTest):
    """The shell on a terminal of its own."""

    def setUp(self):
        super().setUp()
        self.make_lake()
        self.start()
        self.addCleanup(lambda: os.close(self.terminal))

    def start(self):
        environment = smelt_program.environment() | {"TERM": "xterm", "XDG_STATE_HOME": str(self.folder / "state")}
        self.unread = ""
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.execve(PROGRAM, [PROGRAM, "sql", "--lake", str(self.lake)], environment)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.expect("smelt> ")

    def expect(self, text):
        """Reads up to and including the text."""
        while text not in self.unread:
            ready, _, _ = select.select([self.terminal], [], [], PATIENCE_S)
            try:
                more = os.read(self.terminal, 4096).decode(errors="replace") if ready else ""
            except OSError:
                more = ""
            if not more:
                os.kill(self.process, signal.SIGKILL)
                self.fail(f"the shell did not say {text!r}:\n{self.unread!r}")
            self.unread += more
        self.unread = self.unread.split(text, 1)[1]

    def type(self, text):
        os.write(self.terminal, text.encode())

    def test_statements_span_lines_and_ctrl_c_cancels(self):
        self.type("select 40\r")
        self.expect("..> ")
        self.type(" + 2 as answer;\r")
        self.expect("42")
        self.expect("smelt> ")
        self.type("select 'half")
        self.expect("half")
        self.type("\x03")
        self.expect("^C")
        self.expect("smelt> ")
        self.type("select sum(a.range * b.range) from range(10000000) a, range(1000000) b;\r")
        self.expect("b;\r\n")
        time.sleep(0.5)  # only to let the statement begin; before that, Ctrl-C would cancel a line
        self.type("\x03")
        self.expect("cancelled")
        self.expect("smelt> ")
        self.type(".tabels\r")
        self.expect("did you mean .tables?")
        self.expect("smelt> ")
        self.type("\x04")
        self.expect_end()
        history = (self.folder / "state/smelt/history").read_text(encoding="utf-8")
        self.assertIn("answer", history)

    def test_keys_typed_while_a_statement_runs_wait_for_it(self):
        self.type("select sum(range % 7) from range(500000000);\r")
        self.expect(";\r\n")
        time.sleep(0.1)  # only to let the statement begin; before that, the keys would go to its line
        self.type("select 40 + 2 as answer;\r\x04")
        self.assertIn("42", self.expect_end())

    def expect_end(self):
        shown, status = read_to_the_end(self.process, self.terminal)
        self.assertEqual(status, 0, shown)
        return shown


def read_to_the_end(process, terminal):
    """What the process still shows on its terminal, and its exit status."""
    output = b""
    while select.select([terminal], [], [], PATIENCE_S)[0]:
        try:
            output += os.read(terminal, 65536)
        except OSError:  # the other end is closed
            break
    else:
        os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    return output.decode(errors="replace"), os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    unittest.main()
