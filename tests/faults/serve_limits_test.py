"""Statements that run out of memory, disk or time, by both doors: they fail, others go on, and all is given back."""

import unittest

from watched_server import MIB, WatchedServerTest
from wire_client import WireClient, simple_query

LIMIT_MIB = 200
# Too much for the memory, and for the disk behind it.
GREEDY = {
    "a list": "select length(list(i)) from range(10000000000) r(i)",
    "many groups": "select count(*) from (select hash(i) as h, count(*) as n from range(10000000000) r(i) group by h)",
    "a text": "select length(string_agg(i::varchar, ',')) from range(10000000000) r(i)",
    "a sort": "select sum(p) from (select i, row_number() over (order by hash(i), i) as p from range(10000000000) r(i))",
    "a join": "select count(*) from range(1000000000) a(i) join (select hash(j) as h, j from range(1000000000) b(j)) on h = i",
    "distinct values": "select count(distinct md5(i::varchar)) from range(10000000000) r(i)",
}
ENDLESS = "select count(*) from range(100000000) a, range(100000000) b where a.range * b.range = 1"


class ServeLimitsTest(WatchedServerTest):
    def serve_little(self, *arguments):
        return self.serve("--memory-limit", f"{LIMIT_MIB}MiB", "--spill-limit", "100MiB", "--threads", "2", *arguments)

    def test_statements_out_of_memory_fail_alone(self):
        process = self.serve_little()
        start = self.memory(process)
        for sql in GREEDY.values():  # the engine starts its threads, and opens what it keeps
            self.sql(sql)
        files = self.open_files(process)
        for what, sql in GREEDY.items():
            with self.subTest(what), WireClient(self.pg_port, {}) as client:
                self.assertEqual(client.state_of(sql), "53200")
                self.assertEqual(client.query("select 1"), [["1"]])
                status, _, problem = self.sql(sql)
                self.assertEqual((status, problem["code"]), (503, "SMELT-SQL-0006"), problem)
                self.assertIn("memory", problem["detail"])
                self.assertIn("--memory-limit", problem["hint"])
                self.assertLess(self.memory(process) - start, (LIMIT_MIB + 500) * MIB)
        self.await_baseline(process, files, start, beyond=128 * MIB)
        self.end(process)

    def test_others_are_answered_or_told_while_one_takes_all_there_is(self):
        process = self.serve_little()
        with self.healthy(may_lack_memory=True), WireClient(self.pg_port, {}) as client:
            for sql in (GREEDY["a list"], GREEDY["many groups"]):
                self.assertEqual(client.state_of(sql), "53200")
        with self.healthy() as others:
            self.await_that("all is as before", lambda: min(others.answers.values()) > 5)
        self.end(process)

    def test_many_statements_that_take_long_hold_up_nobody(self):
        process = self.serve("--pg-statement-timeout", "5m")
        files = self.open_files(process)
        clients = [WireClient(self.pg_port, {}) for _ in range(20)]
        for client in clients:
            client.send(simple_query(ENDLESS))
        kept = [self.sql(ENDLESS, **{"async": True})[1]["Location"] for _ in range(7)]
        with self.healthy() as others:
            self.await_that("others are served", lambda: min(others.answers.values()) > 5)
        for client in clients:
            client.socket.close()
        for location in kept:
            self.assertEqual(self.call("DELETE", location)[0], 204)
        self.await_idle(process)
        self.await_baseline(process, files)
        self.end(process)

    def test_statements_out_of_time_end(self):
        # Long enough for the healthy clients, who have the same limit, on a machine that is busy.
        process = self.serve("--pg-statement-timeout", "3s", "--http-statement-timeout", "3s")
        with self.healthy(), WireClient(self.pg_port, {}) as client:
            self.assertEqual(client.query("show statement_timeout"), [["3s"]])
            self.assertEqual(client.state_of(ENDLESS), "57014")
            client.query("set statement_timeout = '100ms'")
            self.assertEqual(client.state_of(ENDLESS), "57014")
            client.query("reset statement_timeout")
            self.assertEqual(client.query("show statement_timeout"), [["3s"]])
            status, _, problem = self.sql(ENDLESS)
            self.assertEqual((status, problem["code"]), (504, "SMELT-SERVE-0003"), problem)
            self.assertIn("took longer than 3000 ms", problem["detail"])
        self.await_idle(process)
        self.end(process)

    def test_a_client_may_want_another_time_from_the_start(self):
        process = self.serve("--pg-statement-timeout", "5m")
        with WireClient(self.pg_port, {"options": "-c statement_timeout=200ms"}) as client:
            self.assertEqual(client.state_of(ENDLESS), "57014")
        with WireClient(self.pg_port, {}) as client:
            self.assertEqual(client.query("show statement_timeout"), [["300s"]])
        self.end(process)


if __name__ == "__main__":
    unittest.main()
