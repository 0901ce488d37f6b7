"""Pipelines on the command line: definitions, conditions, params, runs, approval, pause, backfill, and the scheduler."""

import ast
import json
import signal
import time
import unittest

from smelt_program import LakeTest, environment, smelt, smelt_ok, start, tables

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

    def test_models_are_built_for_the_target_that_the_profile_or_the_task_says(self):
        (self.project / "models").mkdir()
        (self.project / "models/v.sql").write_text("select 1 as a")
        (self.project / "dbt_project.yml").write_text("name: q\nprofile: q\nmodels: {q: {+materialized: table}}\n")
        outputs = "{dev: {type: duckdb, schema: develop}, prod: {type: duckdb, schema: production}}"
        (self.project / "profiles.yml").write_text(f"q: {{target: dev, outputs: {outputs}}}\n")
        self.define("build", "name: build\ntasks: [{name: build, type: build}]\n")
        self.pipeline("run", "build")
        self.assertEqual(tables(self.lake), ["develop.v"])
        other = {"env": environment() | {"DBT_TARGET": "prod"}}
        smelt_ok("pipeline", "run", "build", *self.place, **other)
        self.assertEqual(tables(self.lake), ["develop.v", "production.v"])
        self.define("build", "name: build\ntasks: [{name: build, type: build, with: {target: prd}}]\n")
        refused = smelt("pipeline", "run", "build", *self.place)
        self.assertEqual(refused.returncode, 2, refused.stderr)
        self.assertIn("there is no target 'prd'", refused.stderr)
        self.assertIn("did you mean 'prod'?", refused.stderr)

    def test_mistakes_are_found_before_anything_runs(self):
        for text, words in (
            ("name: bad\nschedule: 0 25 * * *\n", ("bad.yml:2", "hour '25'")),
            ("name: bad\ntimezone: Mars/Base\n", ("bad.yml:2", "no time zone 'Mars/Base'")),
            ("name: bad\ntasks:\n  - {name: a, type: shell, needs: b, with: {command: x}}\n", ("bad.yml:3", "needs 'b'")),
            ("name: bad\ntasks:\n  - {name: a, type: shel, with: {command: x}}\n", ("bad.yml:3", "did you mean 'shell'?")),
            ("name: bad\ntasks:\n  - {name: a, type: shell}\n", ("bad.yml:3", "lacks the setting 'command'")),
            ("name: bad\ntasks:\n  - {name: a, type: shell, when: parms.x, with: {command: x}}\n", ("bad.yml:3", "params")),
            ("name: bad\ntasks:\n  - {name: a, type: shell, pool: db, with: {command: x}}\n", ("bad.yml:3", "pools: {db: 4}")),
            ("name: bad\ntasks:\n  - {name: a, type: python, with: {script: no.py}}\n", ("bad.yml:3", "no.py")),
            ("name: bad\ntasks:\n  - {name: a, type: pipeline, with: {name: flwo}}\n", ("bad.yml:3", "did you mean 'flow'?")),
            ("name: bad\ntasks:\n  - {name: a, type: pipeline, with: {name: bad}}\n", ("bad.yml:3", "bad → bad")),
            ("name: bad\non: [{pipeline: flw}]\n", ("bad.yml:2", "did you mean 'flow'?")),
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
        self.define("ask", "name: ask\nparams: {day: {type: date, default: 2018-05-24}}\ntasks:\n"
                           "  - {name: first, type: shell, with: {command: 'echo 7 > $SMELT_OUTPUT'}}\n"
                           "  - {name: ok, type: approval, needs: first, with: "
                           "{message: 'Publish {{ tasks.first.output }} of {{ params.day }}?'}}\n  - {name: go, type: shell, needs: ok, "
                           "with: {command: echo gone}}\n")  # fmt: skip
        self.pipeline("pause", "flow")
        scheduler = start("scheduler", *self.place, "--json")
        try:
            self.pipeline("trigger", "ask")
            (run,) = self.await_run("ask", "running")
            while self.tasks("ask").get("ok") != "running":
                time.sleep(0.05)
            shown = self.pipeline("show", "ask").stdout
            self.assertIn("waits for approval", shown)
            self.assertIn("Publish 7 of 2018-05-24?", shown)
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
            # What there would be to do is told from what such runs did.
            later = self.objects("backfill", "flow", "--from", "2018-06-01", "--to", "2018-06-03", "--preview")
            self.assertEqual(len(later), 2)
            for expected in (one["expected"] for one in later):
                self.assertEqual(set(expected), {"seconds", "rows", "bytes_read", "bytes_written"})
                self.assertGreater(expected["seconds"], 0)
        finally:
            scheduler.send_signal(signal.SIGTERM)
            output, _ = scheduler.communicate(timeout=60)
        self.assertEqual(scheduler.returncode, 0, output)
        self.assertIn("scheduler.leading", output)

    def test_a_task_is_done_for_each_row_of_a_query(self):
        command = "(test {{ item.n }} != 2 || test -e fixed) && echo {{ item.n }}$SMELT_TASK >> items.txt"
        self.define("each", f"""
name: each
tasks:
  - name: work
    type: shell
    for_each: {{sql: "select range as n, 'x' as s from range(4)"}}
    with: {{command: "{command}"}}
  - {{name: after, type: shell, needs: work, with: {{command: "true"}}}}
""")
        failed = smelt("pipeline", "run", "each", *self.place)
        self.assertEqual(failed.returncode, 3, failed.stdout)
        self.assertIn("the command of the task 'work[2]' ended with exit code 1", failed.stderr)
        (shown,) = self.objects("show", "each")
        self.assertEqual([item["status"] for item in shown["tasks"][0]["items"]], ["done", "done", "failed", "done"])
        self.assertIn("(4 items ended, 1 failed)", self.pipeline("show", "each").stdout)
        (self.project / "fixed").touch()
        self.pipeline("run", "each", "--resume")
        lines = (self.project / "items.txt").read_text().split()
        self.assertEqual(sorted(lines), ["0work[0]", "1work[1]", "2work[2]", "3work[3]"])
        self.assertEqual(self.tasks("each"), {"work": "done", "after": "done"})

    def test_tasks_of_two_runs_share_a_pool(self):
        (self.project / "smelt.yml").write_text("name: flows\npools: {one: 1}\n")
        # Whoever finds the folder of the other there was let in beside it.
        command = "mkdir taken && sleep 0.1 && rmdir taken"
        tasks = "".join(f"  - {{name: t{i}, type: shell, pool: one, with: {{command: {command}}}}}\n" for i in range(4))
        runs = []
        for name in ("left", "right"):
            self.define(name, f"name: {name}\ntasks:\n{tasks}")
            runs.append(start("pipeline", "run", name, *self.place))
        for run in runs:
            output, _ = run.communicate(timeout=120)
            self.assertEqual(run.returncode, 0, output)

    def test_what_is_late_is_told_and_goes_on(self):
        self.define("late", "name: late\ntasks: [{name: a, type: wait, sla: 10ms, with: {for: 300ms}}]\n")
        events = self.objects("run", "late")
        names = [event["event"] for event in events]
        self.assertIn("sla_missed", names)
        self.assertEqual(events[-1]["status"], "succeeded")
        self.assertEqual(events[-1]["sla_misses"][0]["task"], "a")

    def test_tasks_are_run_one_by_one(self):
        at = ("--at", "2018-05-24T05:00:00Z")
        skipped = smelt("pipeline", "run", "flow", "--task", "hold", "--skipped-exit", "99", *at, *self.place)
        self.assertEqual(skipped.returncode, 99, skipped.stderr)
        self.pipeline("run", "flow", "--task", "count", *at)
        self.pipeline("run", "flow", "--task", "publish", *at, "--param", "day=2018-05-24")
        self.assertEqual((self.project / "published.txt").read_text(), "2018-05-24 3\n")
        refused = smelt("pipeline", "run", "flow", "--task", "publsh", *self.place)
        self.assertIn("did you mean 'publish'?", refused.stderr)

    def test_a_dag_for_airflow_is_a_program_of_python(self):
        self.define("odd", "name: odd\ndescription: 'Says \"\"\" and \\ ☃'\nparams: {a: [1, true, null]}\n"
                           "tasks: [{name: t, type: shell, with: {command: x}}]\n")  # fmt: skip
        for name in ("flow", "odd"):
            text = self.pipeline("export", name, "--airflow").stdout
            calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
            self.assertIn("DAG", [getattr(call.func, "id", "") for call in calls])
        self.assertNotEqual(smelt("pipeline", "export", "flow", *self.place).returncode, 0)

    def test_times_follow_the_clocks(self):
        (times,) = [
            json.loads(line)
            for line in smelt_ok("pipeline", "times", "30 2 * * *", "--timezone", "Europe/Berlin", "--from",
                                 "2024-03-30T12:00:00Z", "--count", "2", "--json").stdout.splitlines()
        ]  # fmt: skip
        self.assertEqual(times["times"], ["2024-03-31T01:00:00Z", "2024-04-01T00:30:00Z"])


if __name__ == "__main__":
    unittest.main()
