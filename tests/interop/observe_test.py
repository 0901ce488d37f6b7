"""Metrics, alert rules and the dashboard pass promtool; traces are OTLP; the log and `smelt status` tell what happened."""

import json
import re
import subprocess
import unittest

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from receivers import HttpReceiver
from smelt_program import ROOT, LakeTest, environment, smelt, smelt_ok
from with_peers import give_up

PROMTOOL = ROOT / ".deps/promtool/promtool"
BAD_ORDER = "order_id,customer,ordered_at,status,amount\n7,zoe,2026-01-05 10:00:00,paid,20000\n"
GOOD_ORDER = "order_id,customer,ordered_at,status,amount\n7,zoe,2026-01-05 10:00:00,paid,20\n"


def promtool(*arguments, **options):
    return subprocess.run([str(PROMTOOL), *map(str, arguments)], capture_output=True, text=True, check=False, **options)


class ObserveTest(LakeTest):
    def setUp(self):
        super().setUp()
        self.project = self.folder / "shop"
        smelt_ok("init", self.project)
        # The suite judges what was published: a task of its own fails.
        pipeline = self.project / "pipelines/daily.yml"
        text = pipeline.read_text(encoding="utf-8").replace("{select: silver}", "{select: silver, audit: false}")
        pipeline.write_text(text, encoding="utf-8")
        self.variables = {}

    def call(self, *arguments, expected=0):
        result = smelt(*arguments, "--project-dir", self.project, env=environment() | self.variables)
        self.assertEqual(result.returncode, expected, result.stdout + result.stderr)
        return result

    def write_order(self, name, text):
        (self.project / "data" / name).write_text(text, encoding="utf-8")

    def metrics(self):
        text = self.call("metrics").stdout
        checked = promtool("check", "metrics", input=text)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        samples = {}
        for line in text.splitlines():
            if not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                self.assertNotIn(name, samples)
                samples[name] = float(value)
        return samples

    def test_metrics_of_a_lake(self):
        self.call("pipeline", "run", "daily")
        self.write_order("orders_bad.csv", BAD_ORDER)
        self.call("pipeline", "run", "daily", expected=1)
        found = self.metrics()
        expected = {
            'smelt_pipeline_runs_total{pipeline="daily",status="succeeded"}': 1,
            'smelt_pipeline_runs_total{pipeline="daily",status="failed"}': 1,
            'smelt_pipeline_last_run_success{pipeline="daily"}': 0,
            'smelt_pipeline_late_seconds{pipeline="daily"}': 0,
            'smelt_task_attempts_total{pipeline="daily",task="gold",status="skipped"}': 1,
            'smelt_table_rows{schema="silver",table="orders"}': 6,
            'smelt_table_rows{schema="quarantine",table="orders"}': 1,
            'smelt_suite_pass_ratio{suite="orders_silver"}': 0.5,
            "records_extracted_shop": 7,
            "extraction_failures_shop": 0,
            "records_transformed_silver": 11,
            "dq_pass_rate_orders_silver": 0.5,
            "dq_critical_failures": 1,
        }
        self.assertEqual({name: found.get(name) for name in expected}, expected)
        self.assertGreater(found["extraction_duration_shop"], 0)
        self.call("metrics", "--out", self.folder / "collector/smelt.prom")
        self.assertIn("smelt_build_info", (self.folder / "collector/smelt.prom").read_text())

    def test_a_lake_without_runs_has_metrics(self):
        self.make_lake()
        self.assertIn("smelt_build_info", smelt_ok("metrics", "--lake", self.lake, cwd=self.folder).stdout)

    def test_rules_pass_their_tests(self):
        rules = ROOT / "deploy/prometheus"
        for arguments in (("check", "rules", rules / "smelt.rules.yml"), ("test", "rules", rules / "smelt.rules.test.yml")):
            result = promtool(*arguments)
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_the_dashboard_asks_for_metrics_that_there_are(self):
        dashboard = json.loads((ROOT / "deploy/grafana/smelt.json").read_text(encoding="utf-8"))
        queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
        self.assertGreater(len(queries), 10)
        rules = [{"record": f"panel:query{i}", "expr": query} for i, query in enumerate(queries)]
        file = self.folder / "dashboard.yml"
        file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}), encoding="utf-8")
        checked = promtool("check", "rules", file)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        self.call("pipeline", "run", "daily")
        known = {re.split(r"[{ ]", name)[0] for name in self.metrics()}
        text = " ".join(queries) + (ROOT / "deploy/prometheus/smelt.rules.yml").read_text(encoding="utf-8")
        self.assertEqual(set(re.findall(r"\b(?:smelt|dq)_\w+", text)) - known, set())

    def test_traces_are_otlp(self):
        receiver = HttpReceiver()
        self.addCleanup(receiver.close)
        self.variables = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_EXPORTER_OTLP_HEADERS": "x-key=a%20b"}
        self.call("pipeline", "run", "daily")
        (request,) = receiver.requests
        self.assertEqual((request[0], request[1]["x-key"]), ("/v1/traces", "a b"))
        message = json_format.Parse(request[2], ExportTraceServiceRequest())
        (resource,) = message.resource_spans
        spans = {span.name: span for span in resource.scope_spans[0].spans}
        self.assertLessEqual({"pipeline daily", "task bronze", "ingest bronze.orders", "model silver.orders"}, spans.keys())
        ids = {span.span_id for span in spans.values()}
        self.assertEqual(len(ids), len(spans))
        self.assertEqual([name for name, span in spans.items() if span.parent_span_id not in ids], ["pipeline daily"])
        for span in spans.values():
            self.assertLessEqual(span.start_time_unix_nano, span.end_time_unix_nano)
        self.assertEqual(spans["task bronze"].parent_span_id, spans["pipeline daily"].span_id)

    def test_lines_of_the_log_name_run_and_task(self):
        self.write_order("orders_bad.csv", BAD_ORDER)
        result = self.call("pipeline", "run", "daily", "--log-format", "json", expected=1)
        lines = [json.loads(line) for line in result.stderr.splitlines()]
        (run,) = {line["run_id"] for line in lines if line["event"].startswith("pipeline.")}
        loaded = [line for line in lines if line["event"] == "ingest.finished"]
        self.assertEqual([(line["run_id"], line["task"]) for line in loaded], [(run, "bronze")])
        self.assertEqual(lines[-1]["event"], "command.failed")

    def test_status_for_whoever_is_on_call(self):
        self.call("pipeline", "run", "daily")
        status = json.loads(self.call("status", "--json").stdout)
        self.assertTrue(status["well"])
        self.assertEqual(status["failed"] + status["late"], [])
        self.assertEqual([(one["table"], one["rows"], one["reasons"]) for one in status["quarantined"]],
                         [("orders", 1, "status set (1)")])  # fmt: skip
        self.assertIn("gold.daily_revenue", [one["table"] for one in status["changed"]])
        self.write_order("orders_bad.csv", BAD_ORDER)
        self.call("pipeline", "run", "daily", expected=1)
        status = json.loads(self.call("status", "--json", expected=1).stdout)
        (failed,) = status["failed"]
        self.assertEqual((failed["pipeline"], failed["status"], failed["task"]), ("daily", "failed", "silver_quality"))
        text = self.call("status", expected=1).stdout
        self.assertIn("silver_quality", text)
        self.assertIn("SMELT-PIPE-0006", text)
        self.write_order("orders_mended.csv", GOOD_ORDER)
        self.call("pipeline", "run", "daily")
        self.assertIn("all is well", self.call("status").stdout)

    def test_a_run_that_its_schedule_missed_is_late(self):
        self.call("pipeline", "run", "daily")
        database = self.project / "lake/_smelt/state.db"
        import sqlite3

        with sqlite3.connect(database) as connection:
            connection.execute("update runs set started_us = started_us - 3 * 86400000000, finished_us = finished_us - 3 * 86400000000")
        connection.close()
        (late,) = json.loads(self.call("status", "--json", expected=1).stdout)["late"]
        self.assertEqual(late["pipeline"], "daily")
        self.assertGreater(late["late_seconds"], 86400)
        self.assertGreater(self.metrics()['smelt_pipeline_late_seconds{pipeline="daily"}'], 86400)


if __name__ == "__main__":
    if not PROMTOOL.exists():
        give_up("promtool is missing: `tools/setup tests` unpacks it")
    unittest.main()
