"""Pipelines at work: alerts about what is late while it still runs, and what becomes of a run within a run when the process
is killed.
"""

import os
import signal
import sqlite3
import time
import unittest

from receivers import HttpReceiver
from smelt_program import LakeTest, scalar, smelt, smelt_ok, start, tables, versions


class RunningPipelinesTest(LakeTest):
    def setUp(self):
        super().setUp()
        self.project = self.folder / "project"
        (self.project / "pipelines").mkdir(parents=True)
        self.place = ("--project-dir", self.project, "--lake", self.lake)
        self.gate = self.folder / "gate"
        self.configure("")

    def configure(self, text):
        (self.project / "smelt.yml").write_text("name: flows\n" + text)

    def define(self, name, text):
        (self.project / f"pipelines/{name}.yml").write_text(f"name: {name}\n{text}")

    def waits_for(self, file):
        return f"while ! test -e {file}; do sleep 0.02; done"

    def records(self, sql):
        with sqlite3.connect(self.lake / "_smelt/state.db", timeout=60) as database:
            return database.execute(sql).fetchall()

    def await_that(self, what, condition, patience_s=60):
        until = time.monotonic() + patience_s
        while not condition():
            self.assertLess(time.monotonic(), until, what)
            time.sleep(0.02)

    def scheduler(self, *arguments):
        process = start("scheduler", *self.place, "--json", *arguments, start_new_session=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        self.assertIn("scheduler.", process.stdout.readline())
        return process

    def notifications(self):
        """Begins to listen to a webhook; returns the settings that lead all alerts to it."""
        self.http = HttpReceiver()
        self.addCleanup(self.http.close)
        return (
            "notifications:\n  channels:\n"
            f"    hook: {{type: webhook, url: '{self.http.url}/hook'}}\n"
            "  routes:\n    - {channels: [hook]}\n"
        )

    def events(self):
        return self.http.taken("/hook")

    def problems(self):
        return {(problem["kind"], problem["task"]) for event in self.events() for problem in event["data"]["problems"]}

    def kill(self, process):
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()

    def drain(self, process):
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, output)


class LatenessTest(RunningPipelinesTest):
    def setUp(self):
        super().setUp()
        self.configure(self.notifications())
        self.define_late("200ms", "100ms")

    def define_late(self, sla, task_sla):
        command = self.waits_for(self.gate)
        self.define("late", f"sla: {sla}\ntasks:\n"
                            f"  - {{name: slow, type: shell, sla: {task_sla}, with: {{command: '{command}'}}}}\n"
                            "  - {name: after, type: wait, needs: slow, with: {for: 0s}}\n")  # fmt: skip

    def check_that_it_is_told_while_it_runs(self):
        self.await_that("the alert of the task comes", lambda: ("sla", "slow") in self.problems())
        self.await_that("the alert of the run comes", lambda: ("sla", "") in self.problems())
        self.assertEqual(self.records("select status from runs where pipeline = 'late'"), [("running",)])
        self.assertEqual(self.events()[0]["type"], "smelt.alert.trigger")
        self.assertEqual(self.events()[0]["data"]["severity"], "warning")

    def test_a_scheduler_tells_of_what_is_late_at_once(self):
        scheduler = self.scheduler()
        smelt_ok("pipeline", "trigger", "late", *self.place)
        self.check_that_it_is_told_while_it_runs()
        self.gate.touch()
        self.await_that("the run ends", lambda: self.records("select status from runs") == [("succeeded",)])
        self.drain(scheduler)
        told = len(self.events())
        self.define_late("1h", "1h")
        # A run on time is the end of it, of which those are told who were told of its begin.
        scheduler = self.scheduler()
        smelt_ok("pipeline", "trigger", "late", *self.place)
        self.await_that("the run ends", lambda: self.records("select count(*) from runs where status = 'succeeded'") == [(2,)])
        self.drain(scheduler)
        # One that the end of the scheduler cut off is sent once more, by the same id.
        self.assertEqual(list({event["id"]: event["type"] for event in self.events()[told:]}.values()), ["smelt.alert.resolve"])

    def test_a_run_by_hand_tells_of_what_is_late_at_once(self):
        run = start("pipeline", "run", "late", *self.place)
        self.check_that_it_is_told_while_it_runs()
        self.gate.touch()
        output, _ = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 0, output)
        self.assertEqual({event["type"] for event in self.events()}, {"smelt.alert.trigger", "smelt.alert.update"})
        self.define_late("1h", "1h")
        smelt_ok("pipeline", "run", "late", *self.place)
        self.assertEqual(self.events()[-1]["type"], "smelt.alert.resolve")


class FreshTablesTest(RunningPipelinesTest):
    """A pipeline that says no more than how fresh some tables are to be."""

    def setUp(self):
        super().setUp()
        self.configure("dbt: .\nsources: sources\n" + self.notifications())
        for folder in ("sources", "models", "data"):
            (self.project / folder).mkdir()
        (self.project / "sources/crm.yml").write_text(
            "name: crm\nconnector: csv\nlocation: data\nschema: bronze\ntables:\n"
            "  - {name: orders, files: 'orders*.csv', columns: [{name: id, type: integer, description: Number}]}\n"
            "  - {name: other, files: 'other*.csv', required: false, columns: [{name: id, type: integer, description: Number}]}\n"
        )
        (self.project / "dbt_project.yml").write_text("name: shop\nversion: '1.0'\nmodels: {+materialized: table, +schema: gold}\n")
        (self.project / "models/sources.yml").write_text(
            "sources: [{name: crm, schema: bronze, tables: [{name: orders}, {name: other}]}]\n"
        )
        (self.project / "models/staged.sql").write_text("select id from {{ source('crm', 'orders') }}\n")
        (self.project / "models/kpis.sql").write_text("select count(*) as orders from {{ ref('staged') }}\n")
        (self.project / "models/unasked.sql").write_text("select 1 as one\n")
        (self.project / "data/orders1.csv").write_text("id\n1\n2\n")
        (self.project / "data/other.csv").write_text("id\n1\n")
        models = smelt_ok("list", *self.place, "--output", "json", "--output-keys", "schema", "name").stdout
        self.schema = next(line.split('"schema": "')[1].split('"')[0] for line in models.splitlines() if '"kpis"' in line)

    def orders(self):
        return scalar(self.lake, f"select orders from {self.schema}.kpis")

    def test_new_files_arrive_in_the_tables_and_in_no_others(self):
        self.define("fresh", f"keep: {{tables: ['{self.schema}.kpis'], fresher_than: 2s}}\n")
        scheduler = self.scheduler()
        done = "select count(*) from runs where status = 'succeeded'"
        self.await_that("the first run", lambda: self.records(done)[0][0] >= 1)
        self.assertEqual(self.orders(), 2)
        (self.project / "data/orders2.csv").write_text("id\n3\n")
        self.await_that("the new file is in the table", lambda: self.orders() == 3)
        self.drain(scheduler)
        self.assertEqual(tables(self.lake), sorted(["bronze.orders", f"{self.schema}.kpis", f"{self.schema}.staged"]))
        before = versions(self.lake)
        smelt_ok("pipeline", "run", "fresh", *self.place)
        self.assertEqual(versions(self.lake), before)
        self.assertIn("tables fresher than 2 s", smelt_ok("pipeline", "list", *self.place).stdout)

    def test_a_table_that_got_too_old_is_told(self):
        (self.project / "models/kpis.sql").write_text(
            "select (select count(*) from {{ ref('staged') }}) as orders, sum(hash(a.range * b.range)) as work\n"
            "from range(40000) a, range(20000) b\n"
        )
        self.define("fresh", f"keep: {{tables: ['{self.schema}.kpis'], fresher_than: 1s}}\n")
        scheduler = self.scheduler()
        self.await_that("the missed SLA is told", lambda: ("sla", "") in self.problems())
        self.kill(scheduler)


class RunWithinARunTest(RunningPipelinesTest):
    def setUp(self):
        super().setUp()
        self.done = self.folder / "done.txt"
        self.define("outer", "tasks:\n"
                             f"  - {{name: before, type: shell, with: {{command: echo before >> {self.done}}}}}\n"
                             "  - {name: inner, type: pipeline, needs: before, with: {name: inner, params: {day: 2018-05-24}}}\n"
                             f"  - {{name: after, type: shell, needs: inner, with: {{command: echo after >> {self.done}}}}}\n")  # fmt: skip
        self.define("inner", "params: {day: {type: date}}\ntasks:\n"
                             f"  - {{name: first, type: shell, with: {{command: 'echo first {{{{ params.day }}}} >> {self.done}'}}}}\n"
                             f"  - {{name: second, type: shell, needs: first, with: {{command: '{self.waits_for(self.gate)}'}}}}\n"
                             f"  - {{name: third, type: shell, needs: second, with: {{command: echo third >> {self.done}}}}}\n")  # fmt: skip

    def await_the_second_task(self):
        running = "select count(*) from tasks where name = 'second' and status = 'running'"
        self.await_that("the inner run comes to its second task", lambda: self.lake.exists() and self.asks(running) == 1)

    def asks(self, sql):
        try:
            return self.records(sql)[0][0]
        except sqlite3.OperationalError:
            return None

    def check(self, begun):
        self.assertEqual(self.done.read_text().split("\n"), ["before", "first 2018-05-24", "third", "after", ""])
        runs = self.records("select pipeline, status, parent <> '', resumed_from <> '' from runs order by rowid")
        self.assertEqual(
            runs,
            [("outer", "died", 0, 0), ("inner", "died", 1, 0), ("outer", "succeeded", 0, 1), ("inner", "succeeded", 1, 1)],
        )
        self.assertEqual({row[0] for row in self.records("select triggered_by from runs where pipeline = 'outer'")}, {begun})

    def test_a_scheduler_goes_on_with_both_runs_of_a_killed_one(self):
        scheduler = self.scheduler("--lease", "500ms")
        smelt_ok("pipeline", "trigger", "outer", *self.place)
        self.await_the_second_task()
        self.kill(scheduler)
        self.gate.touch()
        scheduler = self.scheduler("--lease", "500ms")
        ended = "select count(*) from runs where pipeline = 'outer' and status = 'succeeded'"
        self.await_that("the outer run ends", lambda: self.asks(ended) == 1)
        self.drain(scheduler)
        self.check("request")

    def test_resume_goes_on_with_both_runs_of_a_killed_one(self):
        run = start("pipeline", "run", "outer", *self.place, start_new_session=True)
        self.await_the_second_task()
        self.kill(run)
        self.gate.touch()
        smelt_ok("pipeline", "run", "outer", "--resume", *self.place)
        self.check("manual")

    def test_a_drained_run_within_a_run_is_gone_on_with(self):
        scheduler = self.scheduler()
        smelt_ok("pipeline", "trigger", "outer", *self.place)
        self.await_the_second_task()
        scheduler.send_signal(signal.SIGTERM)
        self.gate.touch()
        output, _ = scheduler.communicate(timeout=60)
        self.assertEqual(scheduler.returncode, 0, output)
        scheduler = self.scheduler()
        ended = "select count(*) from runs where pipeline = 'outer' and status = 'succeeded'"
        self.await_that("the outer run ends", lambda: self.asks(ended) == 1)
        self.drain(scheduler)
        self.assertEqual(self.done.read_text().split("\n"), ["before", "first 2018-05-24", "third", "after", ""])

    def test_a_failure_within_a_run_is_repaired_and_gone_on_with(self):
        self.define("inner", "tasks:\n"
                             f"  - {{name: first, type: shell, with: {{command: echo first >> {self.done}}}}}\n"
                             f"  - {{name: second, type: shell, needs: first, with: {{command: test -e {self.gate}}}}}\n")  # fmt: skip
        failed = smelt("pipeline", "run", "outer", *self.place)
        self.assertEqual(failed.returncode, 3, failed.stderr)
        self.assertIn("the pipeline 'inner'", failed.stderr)
        self.gate.touch()
        smelt_ok("pipeline", "run", "outer", "--resume", *self.place)
        self.assertEqual(self.done.read_text().split(), ["before", "first", "after"])


if __name__ == "__main__":
    unittest.main()
