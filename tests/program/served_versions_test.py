"""Readers beside a writer: each statement sees one version of a table, and so do all of a transaction; nobody waits."""

import json
import threading
import unittest

from smelt_program import smelt_ok, start
from served_lake import ServedLakeTest
from wire_client import WireClient

ACCOUNTS = 1_000
STEPS = 80
# Each step moves money between accounts, and marks every row with its number: in files, many rows of each.
STEP = "update main.bank set step = step + 1, amount = amount + case when id % 2 = 0 then {0} else -{0} end"
# The table is read several times in one statement.
LOOK = (
    "select sum(amount)::bigint, min(step), max(step), count(*), (select max(step) from bank where id > 500),"
    " (select sum(amount)::bigint from (select * from bank where id < 300 union all select * from bank where id >= 300)) from bank"
)


class ServedVersionsTest(ServedLakeTest):
    def setUp(self):
        super().setUp()
        smelt_ok(
            "sql", "--lake", self.lake, "-c",
            f"create table main.bank as select i as id, 0 as step, 100 as amount from range({ACCOUNTS}) r(i)",
        )  # fmt: skip

    def write(self):
        """A writer in a process of its own that makes all steps, a commit each."""
        writer = start("sql", "--lake", self.lake, "-c", ";".join(STEP.format(n % 7 + 1) for n in range(STEPS)))
        self.addCleanup(writer.stdout.close)
        self.addCleanup(writer.wait)
        self.addCleanup(writer.kill)
        return writer

    def step_of(self, row):
        """The version that a look saw; it is one only."""
        amount, least, most, count, later, again = (int(value) for value in row)
        self.assertEqual((amount, again, count), (ACCOUNTS * 100, ACCOUNTS * 100, ACCOUNTS), row)
        self.assertEqual({least, most, later}, {least}, row)
        return least

    def beside_the_writer(self, *readers):
        """Runs readers again and again until the writer is done; each tells the step that it saw, and these only grow."""
        writer = self.write()
        seen = {reader.__name__: [] for reader in readers}
        failures = []

        def work(reader):
            try:
                while writer.poll() is None:
                    seen[reader.__name__].append(reader())
            except Exception as failure:
                failures.append((reader.__name__, failure))

        threads = [threading.Thread(target=work, args=(reader,)) for reader in readers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        output, _ = writer.communicate(timeout=120)
        self.assertEqual(writer.returncode, 0, output)
        for name, steps in seen.items():
            self.assertEqual(steps, sorted(steps), name)
            self.assertGreater(len(set(steps)), 2, f"{name} saw hardly a change: {steps}")

    def test_each_statement_sees_one_version(self):
        server = self.serve()
        client = WireClient(self.pg_port, {})
        self.addCleanup(client.socket.close)

        def by_postgres():
            return self.step_of(client.query(LOOK)[0])

        def by_sql_over_http():
            status, _, answer = self.sql(LOOK)
            self.assertEqual(status, 200, answer)
            return self.step_of(answer["rows"][0])

        def by_rows_over_http():
            status, _, answer = self.call("GET", f"/api/v1/tables/main/bank?limit={2 * ACCOUNTS}&rows=arrays&select=step,amount")
            self.assertEqual(status, 200, answer)
            steps, amounts = zip(*answer["rows"], strict=True)
            self.assertEqual((len(steps), sum(amounts), len(set(steps))), (ACCOUNTS, ACCOUNTS * 100, 1))
            return steps[0]

        self.beside_the_writer(by_postgres, by_sql_over_http, by_rows_over_http)
        self.end(server)

    def test_all_statements_of_a_transaction_see_the_same(self):
        server = self.serve()
        client = WireClient(self.pg_port, {})
        self.addCleanup(client.socket.close)
        moved_on = []

        def by_transactions():
            client.query("begin isolation level repeatable read")
            step = self.step_of(client.query(LOOK)[0])
            for _ in range(3):
                self.assertEqual(self.step_of(client.query(LOOK)[0]), step)
            with WireClient(self.pg_port, {}) as other:
                moved_on.append(self.step_of(other.query(LOOK)[0]) > step)
            self.assertEqual(self.step_of(client.query(LOOK)[0]), step)
            client.query("commit")
            return step

        self.beside_the_writer(by_transactions)
        self.assertIn(True, moved_on, "no commit fell into a transaction")
        self.end(server)

    def test_an_open_transaction_holds_up_no_writer(self):
        server = self.serve()
        with WireClient(self.pg_port, {}) as reader:
            reader.query("begin")
            self.assertEqual(self.step_of(reader.query(LOOK)[0]), 0)
            writer = self.write()
            output, _ = writer.communicate(timeout=240)
            self.assertEqual(writer.returncode, 0, output)
            self.assertEqual(self.step_of(reader.query(LOOK)[0]), 0)
            reader.query("commit")
            self.assertEqual(self.step_of(reader.query(LOOK)[0]), STEPS)
        self.assertEqual(json.loads(self.ask("POST", "/api/v1/sql", {"sql": "select max(step) from bank"})[2])["rows"], [[STEPS]])
        self.end(server)


if __name__ == "__main__":
    unittest.main()
