"""Runs that somebody ends by HTTP or by hand: their tasks are stopped, and no scheduler goes on with them."""

import sqlite3
import unittest

from smelt_program import smelt, smelt_ok, start
from watched_server import WatchedServerTest


class CancelledRunsTest(WatchedServerTest):
    def setUp(self):
        super().setUp()
        self.project = self.folder / "project"
        (self.project / "pipelines").mkdir(parents=True)
        (self.project / "smelt.yml").write_text("name: cancelled\n")
        self.place = ("--project-dir", self.project)
        self.trace = self.folder / "trace"
        waits = f"while test -d {self.folder}; do date +%N > {self.trace}; sleep 0.05; done"
        (self.project / "pipelines/flow.yml").write_text(
            "name: flow\ntasks:\n"
            f"  - {{name: waits, type: shell, with: {{command: '{waits}'}}}}\n"
            "  - {name: after, type: shell, needs: waits, with: {command: 'true'}}\n"
        )
        (self.project / "pipelines/outer.yml").write_text(
            "name: outer\ntasks:\n  - {name: inner, type: pipeline, with: {name: flow}}\n"
        )

    def records(self, sql):
        with sqlite3.connect(self.lake / "_smelt/state.db", timeout=60) as database:
            return database.execute(sql).fetchall()

    def begin(self, pipeline="flow"):
        smelt_ok("pipeline", "trigger", pipeline, *self.place, "--lake", self.lake)
        self.await_that("the task is at work", self.trace.exists)
        self.trace.unlink()
        return {row[0]: row[1] for row in self.records("select pipeline, id from runs where status = 'running'")}

    def cancel(self, run):
        return self.call("POST", f"/api/v1/runs/{run}/cancel", {})

    def await_status(self, run, status):
        self.await_that(f"run {run} is {status}", lambda: self.call("GET", f"/api/v1/runs/{run}")[2]["status"] == status)

    def assert_stopped(self):
        """What the task had begun is at work no more."""
        self.trace.unlink(missing_ok=True)
        self.await_that("the command ended", lambda: not self.trace.exists())

    def assert_not_gone_on_with(self, runs):
        process = self.serve(*self.place)
        smelt_ok("pipeline", "trigger", "flow", *self.place, "--lake", self.lake)
        begun = "select count(*) from tasks where status = 'running' and run_id in (select id from runs order by rowid desc limit 1)"
        self.await_that("the next run begins", lambda: self.records(begun) == [(1,)])
        self.assertEqual(self.records("select count(*) from runs where resumed_from <> ''"), [(0,)])
        self.assertEqual(self.records("select count(*) from runs")[0][0], runs + 1)
        process.kill()

    def test_by_http(self):
        process = self.serve(*self.place)
        run = self.begin()["flow"]
        status, _, answer = self.cancel(run)
        self.assertEqual((status, answer["status"]), (202, "cancelling"), answer)
        self.await_status(run, "cancelled")
        self.assert_stopped()
        told = self.call("GET", f"/api/v1/runs/{run}")[2]
        self.assertEqual([task["status"] for task in told["tasks"]], ["interrupted", "skipped"])
        self.assertIn("cancelled", told["error"])
        self.assertIn("cancelled_by", told)
        status, _, problem = self.cancel(run)
        self.assertEqual((status, problem["status_of_run"]), (409, "cancelled"), problem)
        self.end(process)
        self.assert_not_gone_on_with(1)

    def test_by_hand(self):
        process = self.serve(*self.place)
        run = self.begin()["flow"]
        self.assertIn("are being stopped", smelt_ok("pipeline", "cancel", run, *self.place, "--lake", self.lake).stdout)
        self.await_status(run, "cancelled")
        self.assertEqual(smelt("pipeline", "cancel", run, *self.place, "--lake", self.lake).returncode, 2)
        self.end(process)

    def test_a_server_that_dies_before_it_could_stop_leaves_nothing_to_go_on_with(self):
        process = self.serve(*self.place)
        run = self.begin()["flow"]
        process.kill()
        process.wait()
        with sqlite3.connect(self.lake / "_smelt/state.db", timeout=60) as database:
            database.execute("insert into cancellations (run_id, by_whom, at_us) values (?, 'anna', 1)", (run,))
        self.assert_not_gone_on_with(1)
        self.assertEqual(self.records(f"select status from runs where id = '{run}'"), [("cancelled",)])

    def test_runs_that_no_scheduler_has_are_refused(self):
        process = self.serve(*self.place)
        by_hand = start("pipeline", "run", "flow", *self.place, "--lake", self.lake)
        self.addCleanup(by_hand.communicate)
        self.addCleanup(by_hand.kill)
        self.await_that("the task is at work", self.trace.exists)
        ((run,),) = self.records("select id from runs where status = 'running'")
        status, _, problem = self.cancel(run)
        self.assertEqual(status, 409, problem)
        self.assertIn(f"process {by_hand.pid}", problem["detail"])
        self.end(process)

    def test_a_run_within_a_run_ends_with_it(self):
        process = self.serve(*self.place)
        runs = self.begin("outer")
        status, _, problem = self.cancel(runs["flow"])
        self.assertEqual(status, 409, problem)
        self.assertIn(f"part of the run {runs['outer']}", problem["detail"])
        self.assertEqual(self.cancel(runs["outer"])[0], 202)
        self.await_status(runs["outer"], "cancelled")
        self.assert_stopped()
        self.end(process)


if __name__ == "__main__":
    unittest.main()
