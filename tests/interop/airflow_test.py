"""A pipeline as a DAG of Airflow: Airflow's own parser loads it with everything it says, and Airflow runs it.

Airflow keeps its own database and settings in a temporary folder; the tasks call the finished program. The script runs with
Airflow 2.10 as well as with the version of airflow_requirements.txt.
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

import pendulum  # noqa: E402
from airflow import __version__ as AIRFLOW  # noqa: E402
from airflow.timetables.base import TimeRestriction  # noqa: E402
from smelt_program import PROGRAM, LakeTest, smelt_ok  # noqa: E402

try:
    from airflow.dag_processing.dagbag import DagBag
    from airflow.serialization.serialized_objects import DagSerialization as Serialization
except ImportError:  # Airflow 2
    from airflow.models.dagbag import DagBag
    from airflow.serialization.serialized_objects import SerializedDAG as Serialization

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

# Every type of task, each behind the one before.
EVERY_TYPE = """
name: types
description: |
  A word in \"\"\"three quotes\"\"\", a \\ and a snowman ☃.
on: [{file: "landing/*.csv"}, {pipeline: nightly}]
sla: 1h
tasks:
  - {name: inputs, type: inputs}
  - {name: ingest, type: ingest, needs: inputs, sla: 10m}
  - {name: build, type: build, needs: ingest, with: {select: silver}}
  - {name: validate, type: validate, needs: build, gate: false}
  - {name: sql, type: sql, needs: validate, with: {sql: "select 1"}}
  - {name: optimize, type: optimize, needs: sql, with: {table: silver.orders}}
  - {name: vacuum, type: vacuum, needs: optimize, with: {table: silver.orders}}
  - {name: metadata, type: metadata, needs: vacuum}
  - {name: shell, type: shell, needs: metadata, with: {command: "true", memory: 1GiB}}
  - {name: python, type: python, needs: shell, with: {script: x.py}}
  - {name: http, type: http, needs: python, with: {url: "http://127.0.0.1:1/"}}
  - {name: approval, type: approval, needs: http, with: {message: "go?"}}
  - {name: wait, type: wait, needs: approval, with: {for: 1s}}
  - {name: pipeline, type: pipeline, needs: wait, with: {name: nightly}}
  - {name: notify, type: notify, needs: pipeline, with: {channels: [team], message: done}}
"""

RULES = ["all_success", "all_done", "one_failed", "all_failed", "all_skipped", "one_success", "one_done", "none_failed",
         "none_failed_min_one_success", "none_skipped", "always"]  # fmt: skip
if not AIRFLOW.startswith("2."):
    RULES.append("all_done_min_one_success")


class AirflowTest(LakeTest):
    def setUp(self):
        super().setUp()
        self.project = self.folder / "project"
        (self.project / "pipelines").mkdir(parents=True)
        (self.project / "smelt.yml").write_text("name: flows\npools: {db: 4}\n")
        self.dags = self.folder / "dags"
        self.dags.mkdir()

    def export(self, name, text):
        (self.project / f"pipelines/{name}.yml").write_text(text)
        place = ("--project-dir", self.project, "--lake", self.lake)
        smelt_ok("pipeline", "export", name, "--airflow", "--out", self.dags / f"{name}.py", *place)

    def load(self):
        bag = DagBag(str(self.dags))
        self.assertEqual(bag.import_errors, {})
        return bag.dags

    def instants(self, dag, begin, count):
        """The first instants at which Airflow's scheduler would begin a run from `begin` on."""
        timetable = Serialization.from_dict(Serialization.to_dict(dag)).timetable
        restriction = TimeRestriction(pendulum.parse(begin), None, True)
        last, found = None, []
        for _ in range(count):
            info = timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction)
            last = info.data_interval
            found.append(info.run_after.in_timezone("UTC").format("YYYY-MM-DDTHH:mm:ss"))
        return found

    def test_airflow_reads_what_the_pipeline_says(self):
        self.export("nightly", PIPELINE)
        dag = self.load()["nightly"]
        # A Friday, then Monday, in local time.
        self.assertEqual(self.instants(dag, "2018-05-25T00:00:00Z", 2), ["2018-05-25T05:30:00", "2018-05-28T05:30:00"])
        self.assertEqual(dag.start_date.isoformat(), "2018-05-01T03:00:00+00:00")
        self.assertEqual((dag.catchup, dag.max_active_runs, dag.max_active_tasks), (False, 1, 3))
        self.assertEqual(dag.dagrun_timeout, timedelta(hours=2))
        self.assertEqual((dag.params["mode"], str(dag.params["day"]), dag.params["publish"]), ("it's $HOME", "2018-05-24", True))
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

    def test_every_type_of_task_is_a_command_of_the_shell(self):
        self.export("types", EVERY_TYPE)
        dag = self.load()["types"]
        names = [task.task_id for task in dag.topological_sort()]
        self.assertEqual(names, ["inputs", "ingest", "build", "validate", "sql", "optimize", "vacuum", "metadata", "shell",
                                 "python", "http", "approval", "wait", "pipeline", "notify"])  # fmt: skip
        for name in names:
            self.assertIn(f"--task {name} ", dag.get_task(name).bash_command)
        for words in ("landing/*.csv", "SLAs", "snowman"):
            self.assertIn(words, dag.doc_md)

    def test_every_trigger_rule_and_pool_is_known(self):
        tasks = "".join(
            f"  - {{name: {rule}, type: wait, needs: first, trigger_rule: {rule}, pool: db, pool_slots: 2, with: {{for: 0s}}}}\n"
            for rule in RULES
        )
        self.export("rules", "name: rules\ncatchup: true\nevery: 7m\nstart: 2024-03-30T00:02:00Z\nend: 2030-01-01\ntasks:\n"
                             "  - {name: first, type: wait, with: {for: 0s}}\n" + tasks)  # fmt: skip
        dag = self.load()["rules"]
        self.assertEqual({task.task_id: task.trigger_rule for task in dag.tasks if task.task_id != "first"},
                         {rule: rule for rule in RULES})  # fmt: skip
        self.assertEqual((dag.get_task("always").pool, dag.get_task("always").pool_slots), ("db", 2))
        self.assertTrue(dag.catchup)
        self.assertIn("airflow pools set db", dag.doc_md)

    def test_times_are_those_of_smelt(self):
        task = "tasks: [{name: a, type: wait, with: {for: 0s}}]\n"
        cases = {
            "quarters": ("every: 15m\nstart: 2024-03-30T00:05:00Z\n", ["2024-03-30T00:05:00", "2024-03-30T00:20:00"]),
            "sixths": ("every: 4h\nstart: 2024-03-30T01:30:00Z\n", ["2024-03-30T01:30:00", "2024-03-30T05:30:00"]),
            "days": ("every: 1d\n", ["2024-03-30T00:00:00", "2024-03-31T00:00:00", "2024-04-01T00:00:00"]),
            "hourly": ("schedule: '@hourly'\n", ["2024-03-30T00:00:00", "2024-03-30T01:00:00"]),
            "last": ("schedule: '0 3 L * *'\ntimezone: Asia/Tokyo\n", ["2024-03-30T18:00:00", "2024-04-29T18:00:00"]),
            "berlin": ("schedule: '30 3 * * *'\ntimezone: Europe/Berlin\n",
                       ["2024-03-30T02:30:00", "2024-03-31T01:30:00", "2024-04-01T01:30:00"]),
        }  # fmt: skip
        for name, (text, _) in cases.items():
            self.export(name, f"name: {name}\n{text}{task}")
        self.export("never", f"name: never\n{task}")
        dags = self.load()
        for name, (_, expected) in cases.items():
            with self.subTest(name):
                self.assertEqual(self.instants(dags[name], "2024-03-30T00:00:00Z", len(expected)), expected)
        self.assertFalse(Serialization.from_dict(Serialization.to_dict(dags["never"])).timetable.can_be_scheduled)

    def run_dag(self, name, at):
        environment = {**os.environ, "SMELT_PROGRAM": PROGRAM, "AIRFLOW__CORE__DAGS_FOLDER": str(self.dags)}
        airflow = [sys.executable, "-m", "airflow"]
        subprocess.run([*airflow, "db", "migrate"], env=environment, check=True, capture_output=True)
        return subprocess.run(
            [*airflow, "dags", "test", name, at], env=environment, check=False, capture_output=True, text=True
        )

    def test_airflow_runs_it(self):
        self.export("nightly", PIPELINE)
        tested = self.run_dag("nightly", "2018-05-24T05:30:00+00:00")
        self.assertEqual(tested.returncode, 0, tested.stdout[-5000:] + tested.stderr[-5000:])
        published = (self.project / "published.txt").read_text()
        self.assertEqual(published, "2018-05-24T05:30:00.000000Z 2018-05-24 3\n")
        self.assertFalse((self.project / "held").exists())
        self.assertEqual(sorted((self.project / "items.txt").read_text().split()), ["a", "b"])
        self.assertIn("it's $HOME", (self.project / "report.txt").read_text())

    def test_what_fails_in_airflow_holds_up_what_needs_it(self):
        self.export("broken", """
name: broken
tasks:
  - {name: fails, type: shell, with: {command: "exit 4"}}
  - {name: never, type: shell, needs: fails, with: {command: "touch never"}}
  - {name: cleans, type: shell, needs: fails, trigger_rule: one_failed, with: {command: "touch cleaned"}}
""")
        self.run_dag("broken", "2018-05-24T05:30:00+00:00")
        self.assertFalse((self.project / "never").exists())
        self.assertTrue((self.project / "cleaned").exists())


if __name__ == "__main__":
    unittest.main()
