"""A pipeline as a DAG of Airflow: Airflow's own parser loads it with everything it says, and Airflow runs it.

Airflow keeps its own database and settings in a temporary folder; the tasks call the finished program.
"""

import os
import subprocess
import sys
import tempfile
import unittest
from datetime import timedelta
from pathlib import Path

HOME = tempfile.mkdtemp(prefix="airflow-")
os.environ.update(
    AIRFLOW_HOME=HOME,
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__CORE__UNIT_TEST_MODE="False",
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{HOME}/airflow.db",
)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from smelt_program import PROGRAM, LakeTest, smelt_ok  # noqa: E402

PIPELINE = """
name: nightly
description: Counts, and publishes "what" there is.
schedule: '30 2 * * mon-fri'
timezone: America/Sao_Paulo
start: 2018-05-01
timeout: 2h
concurrency: 3
params:
  day: {type: date, default: 2018-05-24, description: the day}
  mode: {type: text, default: "it's $HOME", choices: ["it's $HOME", full]}
  publish: true
tasks:
  - {name: count, type: sql, with: {sql: "select 3 as n"}, priority: 7}
  - name: publish
    type: shell
    needs: count
    when: params.publish and tasks.count.output.n > 2
    retries: {attempts: 3, delay: 1s, delay_max: 1m}
    timeout: 10m
    with: {command: 'echo "$SMELT_SCHEDULED_AT {{ params.day }} {{ tasks.count.output.n }}" > published.txt'}
  - {name: hold, type: shell, needs: count, when: not params.publish, with: {command: "touch held"}}
  - {name: each, type: shell, needs: count, for_each: [a, b], with: {command: "echo {{ item }} >> items.txt"}}
  - name: report
    type: shell
    needs: [publish, hold, each]
    trigger_rule: none_failed_min_one_success
    with: {command: 'echo "$SMELT_VARS" > report.txt'}
"""


class AirflowTest(LakeTest):
    def setUp(self):
        super().setUp()
        self.project = self.folder / "project"
        (self.project / "pipelines").mkdir(parents=True)
        (self.project / "smelt.yml").write_text("name: flows\n")
        self.dags = self.folder / "dags"
        self.dags.mkdir()

    def export(self, name, text):
        (self.project / f"pipelines/{name}.yml").write_text(text)
        place = ("--project-dir", self.project, "--lake", self.lake)
        smelt_ok("pipeline", "export", name, "--airflow", "--out", self.dags / f"{name}.py", *place)

    def load(self):
        from airflow.dag_processing.dagbag import DagBag

        bag = DagBag(dag_folder=str(self.dags), include_examples=False)
        self.assertEqual(bag.import_errors, {})
        return bag.dags

    def test_airflow_reads_what_the_pipeline_says(self):
        self.export("nightly", PIPELINE)
        dag = self.load()["nightly"]
        self.assertEqual(dag.timezone.name, "UTC")
        self.assertIn("30 2 * * mon-fri", repr(dag.timetable.serialize()))
        self.assertIn("America/Sao_Paulo", repr(dag.timetable.serialize()))
        self.assertEqual(dag.start_date.isoformat(), "2018-05-01T03:00:00+00:00")
        self.assertEqual((dag.catchup, dag.max_active_runs, dag.max_active_tasks), (False, 1, 3))
        self.assertEqual(dag.dagrun_timeout, timedelta(hours=2))
        self.assertEqual(dag.params["mode"], "it's $HOME")
        self.assertEqual(
            {task.task_id: set(task.upstream_task_ids) for task in dag.tasks},
            {"count": set(), "publish": {"count"}, "hold": {"count"}, "each": {"count"},
             "report": {"publish", "hold", "each"}},
        )  # fmt: skip
        publish = dag.get_task("publish")
        self.assertEqual((publish.retries, publish.retry_delay), (2, timedelta(seconds=1)))
        self.assertEqual((publish.max_retry_delay, publish.execution_timeout), (timedelta(minutes=1), timedelta(minutes=10)))
        self.assertTrue(publish.retry_exponential_backoff)
        self.assertEqual(dag.get_task("count").priority_weight, 7)
        self.assertEqual(dag.get_task("report").trigger_rule, "none_failed_min_one_success")

    def test_every_trigger_rule_pool_and_interval_is_known(self):
        rules = ("all_success", "all_done", "one_failed", "all_failed", "all_skipped", "all_done_min_one_success",
                 "one_success", "one_done", "none_failed", "none_failed_min_one_success", "none_skipped", "always")  # fmt: skip
        (self.project / "smelt.yml").write_text("name: flows\npools: {db: 4}\n")
        tasks = "".join(
            f"  - {{name: {rule}, type: wait, needs: first, trigger_rule: {rule}, pool: db, pool_slots: 2, with: {{for: 0s}}}}\n"
            for rule in rules
        )
        self.export("rules", "name: rules\nevery: 15m\ncatchup: true\nend: 2030-01-01\ntasks:\n"
                             "  - {name: first, type: wait, with: {for: 0s}}\n" + tasks)  # fmt: skip
        dag = self.load()["rules"]
        self.assertEqual({task.task_id: task.trigger_rule for task in dag.tasks if task.task_id != "first"},
                         {rule: rule for rule in rules})  # fmt: skip
        self.assertEqual((dag.get_task("always").pool, dag.get_task("always").pool_slots), ("db", 2))
        self.assertTrue(dag.catchup)
        self.assertIn("900", repr(dag.timetable.serialize()))

    def test_airflow_runs_it(self):
        self.export("nightly", PIPELINE)
        environment = {**os.environ, "SMELT_PROGRAM": PROGRAM, "AIRFLOW__CORE__DAGS_FOLDER": str(self.dags)}
        airflow = [sys.executable, "-m", "airflow"]
        subprocess.run([*airflow, "db", "migrate"], env=environment, check=True, capture_output=True)
        tested = subprocess.run(
            [*airflow, "dags", "test", "nightly", "2018-05-24T05:30:00+00:00"],
            env=environment, check=False, capture_output=True, text=True,
        )  # fmt: skip
        self.assertEqual(tested.returncode, 0, tested.stdout[-5000:] + tested.stderr[-5000:])
        published = (self.project / "published.txt").read_text()
        self.assertEqual(published, "2018-05-24T05:30:00.000000Z 2018-05-24 3\n")
        self.assertFalse((self.project / "held").exists())
        self.assertEqual((self.project / "items.txt").read_text().split(), ["a", "b"])
        self.assertIn("it's $HOME", (self.project / "report.txt").read_text())


if __name__ == "__main__":
    unittest.main()
