"""Pipelines on the command line: definitions, conditions, params, runs, approval, pause, backfill, and the scheduler."""

import json
import signal
import time
import unittest

from smelt_program import LakeTest, smelt, smelt_ok, start

FLOW = """
name: flow
description: Counts, then publishes what there is.
schedule: '0 2 * * *'
timezone: America/Sao_Paulo
params:
  day: {type: date, default: 2018-05-24}
  publish: true
tasks:
  - name: count
    type: sql
    with: {sql: "select 3 as n"}
  - name: publish
    type: shell
    needs: count
    when: params.publish and tasks.count.output.n > 2
    with: {command: "echo {{ params.day }} {{ tasks.count.output.n }} > published.txt"}
  - name: hold
    type: shell
    needs: count
    when: not params.publish
    with: {command: "echo held > held.txt"}
  - name: report
    type: shell
    needs: [publish, hold]
    trigger_rule: none_failed_min_one_success
    with: {command: "echo $SMELT_RUN_ID"}
"""


class PipelinesTest(LakeTest):
    def setUp(self):
        super().setUp()
        self.project = self.folder / "project"
        (self.project / "pipelines").mkdir(parents=True)
        (self.project / "smelt.yml").write_text("name: flows\n")
        self.define("flow", FLOW)
        self.place = ("--project-dir", self.project, "--lake", self.lake)

    def define(self, name, text):
        (self.project / f"pipelines/{name}.yml").write_text(text)

    def pipeline(self, *arguments):
        return smelt_ok("pipeline", *arguments, *self.place)

    def objects(self, *arguments):
        return [json.loads(line) for line in self.pipeline(*arguments, "--json").stdout.splitlines()]

    def tasks(self, name):
        (shown,) = self.objects("show", name)
        return {task["task"]: task.get("status") for task in shown["tasks"]}

    def test_conditions_params_and_outputs(self):
        self.pipeline("run", "flow", "--param", "day=2018-06-01")
        self.assertEqual((self.project / "published.txt").read_text(), "2018-06-01 3\n")
        self.assertEqual(
            self.tasks("flow"), {"count": "done", "publish": "done", "hold": "skipped", "report": "done"}
        )
        self.pipeline("run", "flow", "--param", "publish=false")
        self.assertEqual(self.tasks("flow")["publish"], "skipped")
        self.assertTrue((self.project / "held.txt").exists())
        refused = smelt("pipeline", "run", "flow", "--param", "day=tomorrow", *self.place)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("the param 'day' is a date", refused.stderr)
        self.assertEqual(len(self.objects("runs", "flow")), 2)
        self.assertIn("report", self.pipeline("show", "flow").stdout)

    def test_mistakes_are_found_before_anything_runs(self):
        for text, words in (
            ("name: bad\nschedule: 0 25 * * *\n", ("bad.yml:2", "hour '25'")),
            ("name: bad\ntimezone: Mars/Base\n", ("bad.yml:2", "no time zone 'Mars/Base'")),
            ("name: bad\ntasks:\n  - {name: a, type: shell, needs: b, with: {command: x}}\n", ("bad.yml:3", "needs 'b'")),
            ("name: bad\ntasks:\n  - {name: a, type: shel, with: {command: x}}\n", ("bad.yml:3", "did you mean 'shell'?")),
            ("name: bad\ntasks:\n  - {name: a, type: shell}\n", ("bad.yml:3", "lacks the setting 'command'")),
            ("name: bad\ntasks:\n  - {name: a, type: shell, when: parms.x, with: {command: x}}\n", ("bad.yml:3", "params")),
        ):
            self.define("bad", text if "tasks" in text else text + "tasks: [{name: a, type: shell, with: {command: x}}]\n")
            for command in (("pipeline", "run", "bad"), ("scheduler",)):
                result = smelt(*command, *self.place)
                self.assertEqual(result.returncode, 2, text)
                for word in words:
                    self.assertIn(word, result.stderr)

    def test_tasks_are_cleared_and_run_again(self):
        self.pipeline("run", "flow")
        (self.project / "published.txt").unlink()
        self.pipeline("clear", "flow", "--from", "publish")
        self.assertTrue((self.project / "published.txt").exists())
        (shown,) = self.objects("show", "flow")
        self.assertEqual([task["task"] for task in shown["tasks"]], ["count", "publish", "hold", "report"])
        refused = smelt("pipeline", "clear", "flow", "--from", "publsh", *self.place)
        self.assertIn("did you mean 'publish'?", refused.stderr)

    def await_run(self, name, status, count=1, patience_s=60):
        until = time.monotonic() + patience_s
        while time.monotonic() < until:
            runs = [run for run in self.objects("runs", name) if run["status"] == status]
            if len(runs) >= count:
                return runs
            time.sleep(0.1)
        self.fail(f"{name} has no {count} runs with status {status}: {self.objects('runs', name)}")

    def test_the_scheduler_runs_what_is_asked_backfilled_and_approved(self):
        self.define("ask", "name: ask\ntasks:\n  - {name: ok, type: approval}\n  - {name: go, type: shell, needs: ok, "
                           "with: {command: echo gone}}\n")  # fmt: skip
        self.pipeline("pause", "flow")
        scheduler = start("scheduler", *self.place, "--json")
        try:
            self.pipeline("trigger", "ask")
            (run,) = self.await_run("ask", "running")
            while self.tasks("ask").get("ok") != "running":
                time.sleep(0.05)
            self.pipeline("approve", run["run_id"], "ok", "--comment", "fine")
            self.await_run("ask", "succeeded")
            stretch = ("--from", "2018-05-01", "--to", "2018-05-04")
            self.assertEqual(len(self.objects("backfill", "flow", *stretch, "--preview")), 3)
            self.pipeline("backfill", "flow", *stretch)
            runs = self.await_run("flow", "succeeded", 3)
            self.assertEqual(
                sorted(run["scheduled_at"] for run in runs),
                ["2018-05-01T05:00:00.000000Z", "2018-05-02T05:00:00.000000Z", "2018-05-03T05:00:00.000000Z"],
            )
            self.assertEqual(self.objects("backfill", "flow", *stretch, "--preview"), [])
        finally:
            scheduler.send_signal(signal.SIGTERM)
            output, _ = scheduler.communicate(timeout=60)
        self.assertEqual(scheduler.returncode, 0, output)
        self.assertIn("scheduler.leading", output)

    def test_times_follow_the_clocks(self):
        (times,) = [
            json.loads(line)
            for line in smelt_ok("pipeline", "times", "30 2 * * *", "--timezone", "Europe/Berlin", "--from",
                                 "2024-03-30T12:00:00Z", "--count", "2", "--json").stdout.splitlines()
        ]  # fmt: skip
        self.assertEqual(times["times"], ["2024-03-31T01:00:00Z", "2024-04-01T00:30:00Z"])


if __name__ == "__main__":
    unittest.main()
