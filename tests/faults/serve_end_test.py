"""SIGTERM at a server with statements, streams and pipelines at work: it ends within its grace, and nothing is half-written."""

import http.client
import json
import signal
import socket
import sqlite3
import threading
import unittest

from smelt_program import scalar, smelt_ok, versions
from watched_server import WatchedServerTest
from wire_client import WireClient, WireFailure, simple_query

ENDLESS = "select count(*) from range(100000000) a, range(100000000) b where a.range * b.range = 1"
ENDLESS_INSERT = "insert into shop.orders (order_id) select count(*) from range(100000000) a, range(100000000) b"
ENDLESS_ROWS = "insert into shop.orders (order_id) select i from range(10000000000) r(i)"


class ServeEndTest(WatchedServerTest):
    def setUp(self):
        super().setUp()
        self.project = self.folder / "project"
        (self.project / "pipelines").mkdir(parents=True)
        (self.project / "smelt.yml").write_text("name: ending\n")
        self.place = ("--project-dir", self.project)
        self.gate = self.folder / "gate"

    def define(self, text):
        (self.project / "pipelines/flow.yml").write_text(f"name: flow\ntasks:\n{text}")

    def records(self, sql):
        with sqlite3.connect(self.lake / "_smelt/state.db", timeout=60) as database:
            return database.execute(sql).fetchall()

    def await_end(self, process):
        self.assertEqual(process.wait(timeout=60), 0, process.printed)
        process.reader.join()

    def in_background(self, work):
        """Runs it on a thread; the list gets what came of it."""
        outcome = []

        def run():
            try:
                outcome.append(work())
            except (WireFailure, OSError, EOFError, http.client.HTTPException) as error:
                outcome.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        self.addCleanup(thread.join)
        return thread, outcome

    def statement(self, sql):
        """Runs a statement by PostgreSQL's protocol in the background."""
        client = WireClient(self.pg_port, {})
        self.addCleanup(client.socket.close)
        client.send(simple_query(sql))
        return self.in_background(client.answer)

    def await_work(self, process):
        before = self.processor_seconds(process)
        self.await_that("the statements work", lambda: self.processor_seconds(process) > before + 0.3)

    def assert_nobody_gets_in(self):
        for port in (self.port, self.pg_port):
            with self.assertRaises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), timeout=30).close()

    def await_closed_doors(self):
        def closed():
            try:
                for port in (self.port, self.pg_port):
                    socket.create_connection(("127.0.0.1", port), timeout=30).close()
            except OSError:
                return True
            return False

        self.await_that("the doors are closed", closed)

    def data_versions(self):
        """Without the tables in which a server keeps what ran."""
        return {table: version for table, version in versions(self.lake).items() if not table.startswith("operations.")}

    def files(self):
        return sorted(path.name for path in (self.lake / "shop/orders").glob("*.parquet"))

    def test_statements_that_do_not_end_are_ended_after_the_grace(self):
        process = self.serve("--grace", "1s")
        before, files = versions(self.lake), self.files()
        idle = WireClient(self.pg_port, {})
        within = WireClient(self.pg_port, {})
        within.query("begin")
        within.query("insert into shop.orders (order_id) values (7)")
        statements = [self.statement(sql) for sql in (ENDLESS, ENDLESS_INSERT, ENDLESS_ROWS)]
        calls = [self.in_background(lambda: self.sql(ENDLESS)), self.in_background(lambda: self.sql(ENDLESS_INSERT))]
        self.assertEqual(self.sql(ENDLESS, **{"async": True})[0], 202)
        self.await_work(process)
        process.send_signal(signal.SIGTERM)
        self.assertIn(b"57P01", idle.until_closed())
        self.await_end(process)
        self.assert_nobody_gets_in()
        for thread, outcome in statements:
            thread.join()
            self.assertEqual(outcome[0].state, "57P01", outcome)
        for thread, outcome in calls:
            thread.join()
            self.assertIsInstance(outcome[0], OSError | http.client.HTTPException, outcome)
        within.until_closed()
        self.assertEqual(versions(self.lake), before)
        self.assertEqual(self.files(), files)

    def test_statements_that_end_within_the_grace_are_answered(self):
        process = self.serve("--grace", "1h")
        slow = "select count(*) from range(60000) a, range(40000) b where a.range * b.range = 1"
        statement, answered = self.statement(slow)
        call, called = self.in_background(lambda: self.sql(slow))
        self.await_work(process)
        process.send_signal(signal.SIGTERM)
        self.await_closed_doors()
        self.await_end(process)
        statement.join()
        call.join()
        self.assertEqual(answered, [[["1"]]])
        self.assertEqual((called[0][0], called[0][2]["rows"]), (200, [[1]]))

    def test_a_second_signal_ends_at_once(self):
        process = self.serve("--grace", "1h")
        statement, outcome = self.statement(ENDLESS)
        self.await_work(process)
        process.send_signal(signal.SIGTERM)
        self.await_closed_doors()
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGTERM)
        self.await_end(process)
        statement.join()
        self.assertEqual(outcome[0].state, "57P01", outcome)

    def test_streams_end_with_the_server(self):
        (self.project / "dashboards").mkdir()
        (self.project / "dashboards/one.yml").write_text(
            "title: One\npages:\n  - name: first\n    tiles:\n"
            "      - {name: n, type: big_number, title: N, sql: select count(*) as n from shop.orders, value: n}\n"
        )
        process = self.serve(*self.place, "--grace", "1h")
        viewers = []
        for _ in range(20):
            viewer = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            viewer.request("GET", "/api/v1/dashboards/one/live")
            response = viewer.getresponse()
            self.assertEqual(response.status, 200, response.read(1000) if response.status != 200 else "")
            viewers.append(response)
        process.send_signal(signal.SIGTERM)
        for viewer in viewers:
            viewer.read()
        self.await_end(process)

    def begin_a_run(self, *arguments):
        """A server whose pipeline is at its second task, which waits for the gate."""
        self.define(
            "  - {name: first, type: shell, with: {command: 'echo first >> first.txt'}}\n"
            f"  - {{name: second, type: shell, needs: first, with: {{command: 'while ! test -e {self.gate}; do sleep 0.05; done'}}}}\n"
            "  - {name: third, type: shell, needs: second, with: {command: 'echo third >> third.txt'}}\n"
        )
        process = self.serve(*self.place, *arguments)
        smelt_ok("pipeline", "trigger", "flow", *self.place, "--lake", self.lake)
        running = "select count(*) from tasks where name = 'second' and status = 'running'"
        self.await_that("the run comes to its second task", lambda: self.records(running) == [(1,)])
        return process

    def statuses(self):
        return [status for (status,) in self.records("select status from runs order by rowid")]

    def go_on(self):
        """The next server goes on with the run, and repeats nothing."""
        self.gate.touch()
        process = self.serve(*self.place)
        self.await_that("the run is gone on with", lambda: self.statuses()[-1] == "succeeded")
        self.end(process)
        for name in ("first", "third"):
            self.assertEqual((self.project / f"{name}.txt").read_text(), f"{name}\n")

    def test_a_run_that_does_not_end_is_interrupted_after_the_grace(self):
        process = self.begin_a_run("--grace", "1s")
        process.send_signal(signal.SIGTERM)
        self.await_end(process)
        self.assertEqual(self.statuses(), ["interrupted"])
        self.assertEqual(self.records("select status from tasks order by rowid"), [("done",), ("interrupted",), ("skipped",)])
        self.go_on()
        self.assertEqual(self.statuses(), ["interrupted", "succeeded"])

    def test_a_second_signal_interrupts_a_run(self):
        process = self.begin_a_run("--grace", "1h")
        process.send_signal(signal.SIGTERM)
        self.await_closed_doors()
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGTERM)
        self.await_end(process)
        self.assertEqual(self.statuses(), ["interrupted"])
        self.go_on()

    def test_a_task_comes_to_its_end_within_the_grace(self):
        process = self.begin_a_run("--grace", "1h")
        process.send_signal(signal.SIGTERM)
        self.await_closed_doors()
        self.gate.touch()
        self.await_end(process)
        self.assertEqual(self.statuses(), ["interrupted"])
        self.assertEqual(self.records("select status from tasks order by rowid"), [("done",), ("done",), ("skipped",)])
        self.go_on()

    def test_a_model_that_does_not_end_leaves_its_table_as_it_was(self):
        (self.project / "smelt.yml").write_text("name: ending\ndbt: .\n")
        (self.project / "models").mkdir()
        (self.project / "dbt_project.yml").write_text("name: shop\nversion: '1.0'\nmodels: {+materialized: table, +schema: gold}\n")
        model = self.project / "models/numbers.sql"
        model.write_text("select 1 as i\n")
        self.define("  - {name: build, type: build}\n")
        smelt_ok("pipeline", "run", "flow", *self.place, "--lake", self.lake)
        table = next(name for name in versions(self.lake) if name.endswith(".numbers"))
        before = self.data_versions()
        model.write_text("select i, hash(i) as h from range(100000000000) r(i)\n")
        process = self.serve(*self.place, "--grace", "500ms")
        smelt_ok("pipeline", "trigger", "flow", *self.place, "--lake", self.lake)
        self.await_work(process)
        process.send_signal(signal.SIGTERM)
        self.await_end(process)
        self.assertEqual(self.statuses()[-1], "interrupted")
        self.assertEqual(self.data_versions(), before)
        self.assertEqual(scalar(self.lake, f"select count(*) from {table}"), 1)
        schema, name = table.split(".")
        self.assertEqual(len(list((self.lake / schema / name).glob("*.parquet"))), 1, "files of the interrupted task stayed behind")


if __name__ == "__main__":
    unittest.main()
