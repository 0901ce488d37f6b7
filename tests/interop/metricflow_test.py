"""Metric queries have the answers that MetricFlow gives to them, on the same project built by dbt and by smelt."""

import datetime
import decimal
import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import yaml

os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"

from dbt.cli.main import dbtRunner
from dbt_metricflow.cli.cli_configuration import CLIConfiguration
from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

FOLDER = Path(__file__).resolve().parent / "metrics"
SMELT = os.environ["SMELT_PROGRAM"]


def cell(value):
    """A value as both sides may write it: numbers to nine digits, times as dates where they are midnight."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float, decimal.Decimal)):
        return float(f"{float(value):.9g}")
    if isinstance(value, (datetime.datetime, datetime.date)):
        value = value.isoformat()
    text = str(value).replace(" ", "T")
    return text.removesuffix("T00:00:00")


def table(rows):
    """Rows as sorted pairs of columns and values: neither order means anything unless it is asked for."""
    return sorted(([sorted((name, cell(value)) for name, value in row.items()) for row in rows]), key=repr)


class MetricFlow:
    def __init__(self, project):
        done = dbtRunner().invoke(["build", "--quiet", "--project-dir", str(project), "--profiles-dir", str(project)])
        if not done.success:
            raise AssertionError(f"dbt: {done.exception}")
        configuration = CLIConfiguration()
        configuration.setup(project, project, configure_file_logging=False)
        self.engine = configuration.mf

    def answer(self, question):
        def day(key):
            return datetime.datetime.fromisoformat(question[key]) if key in question else None

        request = MetricFlowQueryRequest.create(
            metric_names=question["metrics"],
            group_by_names=question.get("group_by"),
            where_constraints=question.get("where"),
            order_by_names=question.get("order"),
            limit=question.get("limit"),
            time_constraint_start=day("start"),
            time_constraint_end=day("end"),
        )
        frame = self.engine.query(request).result_df
        return [dict(zip(frame.column_names, row)) for row in frame.rows]


class Smelt:
    def __init__(self, project, lake):
        self.options = ["--project-dir", str(project), "--profiles-dir", str(project), "--lake", str(lake)]
        subprocess.run([SMELT, "build", *self.options, "--quiet"], check=True, capture_output=True)

    def answer(self, question):
        call = [SMELT, "metrics", "query", *self.options, "--json", "--metrics", ",".join(question["metrics"])]
        if "group_by" in question:
            call += ["--group-by", ",".join(question["group_by"])]
        for condition in question.get("where", []):
            call += ["--where", condition]
        for key in ("start", "end", "limit"):
            if key in question:
                call += [f"--{key}", str(question[key])]
        if "order" in question:
            call.append("--order=" + ",".join(question["order"]))
        done = subprocess.run(call, capture_output=True, text=True)
        if done.returncode != 0:
            raise ValueError(done.stdout + done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]


class MetricFlowTest(unittest.TestCase):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        sides = [Path(scratch.name) / side for side in ("metricflow", "smelt")]
        for side in sides:
            shutil.copytree(FOLDER / "project", side)
        os.chdir(sides[0])  # where dbt-duckdb puts its database
        cls.metricflow = MetricFlow(sides[0])
        cls.smelt = Smelt(sides[1], Path(scratch.name) / "lake")

    def test_answers(self):
        questions = yaml.safe_load((FOLDER / "questions.yml").read_text(encoding="utf-8"))
        self.assertGreater(len(questions), 80)
        for question in questions:
            with self.subTest(question=question):
                if question.get("refused"):
                    with self.assertRaises(Exception):
                        self.metricflow.answer(question)
                    with self.assertRaisesRegex(ValueError, "SMELT-METRIC-|METRIC"):
                        self.smelt.answer(question)
                    continue
                wanted = self.metricflow.answer(question)
                given = self.smelt.answer(question)
                self.assertTrue(wanted)
                self.assertEqual(table(given), table(wanted))
                if "order" in question:
                    key = question["order"][0].lstrip("-")
                    self.assertEqual([cell(row[key]) for row in given], [cell(row[key]) for row in wanted])


if __name__ == "__main__":
    unittest.main()
