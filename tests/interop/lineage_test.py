"""OpenLineage events of a pipeline: every one fits the classes that OpenLineage's client makes from the public schemas."""

import json
import typing
import unittest
import urllib.parse
from enum import Enum

import attr
from openlineage.client import event_v2, facet_v2
from openlineage.client.generated import base
from receivers import HttpReceiver
from smelt_program import LakeTest, environment, smelt, smelt_ok

FACETS = {
    "columnLineage": facet_v2.column_lineage_dataset.ColumnLineageDatasetFacet,
    "dataQualityAssertions": facet_v2.data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet,
    "dataQualityMetrics": facet_v2.data_quality_metrics_input_dataset.DataQualityMetricsInputDatasetFacet,
    "dataSource": facet_v2.datasource_dataset.DatasourceDatasetFacet,
    "errorMessage": facet_v2.error_message_run.ErrorMessageRunFacet,
    "inputStatistics": facet_v2.input_statistics_input_dataset.InputStatisticsInputDatasetFacet,
    "jobType": facet_v2.job_type_job.JobTypeJobFacet,
    "nominalTime": facet_v2.nominal_time_run.NominalTimeRunFacet,
    "outputStatistics": facet_v2.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet,
    "parent": facet_v2.parent_run.ParentRunFacet,
    "processing_engine": facet_v2.processing_engine_run.ProcessingEngineRunFacet,
    "schema": facet_v2.schema_dataset.SchemaDatasetFacet,
    "sourceCode": facet_v2.source_code_job.SourceCodeJobFacet,
    "sql": facet_v2.sql_job.SQLJobFacet,
    "storage": facet_v2.storage_dataset.StorageDatasetFacet,
    "version": facet_v2.dataset_version_dataset.DatasetVersionDatasetFacet,
}
DOCUMENTATION = {
    "job": facet_v2.documentation_job.DocumentationJobFacet,
    "dataset": facet_v2.documentation_dataset.DocumentationDatasetFacet,
}


def fits(kind, value, place):
    """Raises when a JSON value is not what a type of the client holds; no key may be unknown to it."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is list:
        for i, one in enumerate(value):
            fits(arguments[0], one, f"{place}[{i}]")
    elif origin is dict:
        assert isinstance(value, dict), place
        for key, one in value.items():
            fits(arguments[1], one, f"{place}.{key}")
    elif arguments and type(None) in arguments:
        if value is not None:
            fits(next(one for one in arguments if one is not type(None)), value, place)
    elif attr.has(kind):
        check_object(kind, value, place)
    elif isinstance(kind, type) and issubclass(kind, Enum):
        kind(value)
    elif kind is float:
        assert isinstance(value, (int, float)), place
    elif isinstance(kind, type):
        assert isinstance(value, kind) and not (kind is int and isinstance(value, bool)), f"{place}: {value!r} is no {kind}"


def check_object(kind, value, place):
    hints = typing.get_type_hints(kind)
    fields = {field.name: field for field in attr.fields(kind)}
    known = value.keys() - {"_producer", "_schemaURL"}
    assert known <= fields.keys(), f"{place}: {known - fields.keys()}"
    for name, field in fields.items():
        if name.startswith("_"):
            continue
        if name not in value:
            assert field.default is not attr.NOTHING, f"{place} lacks {name}"
        elif name in ("facets", "inputFacets", "outputFacets"):
            for key, facet in value[name].items():
                check_facet(key, facet, f"{place}.{key}", kind)
        else:
            fits(hints[name], value[name], f"{place}.{name}")
    # The validators of the client: times and UUIDs.
    simple = {name: value[name] for name in known if attr.has(kind) and isinstance(value[name], str)}
    for name, text in simple.items():
        if fields[name].validator and "Enum" not in str(hints[name]):
            fields[name].validator(None, fields[name], text)


def check_facet(key, value, place, owner):
    kind = FACETS.get(key)
    if key == "documentation":
        kind = DOCUMENTATION["job" if issubclass(owner, base.Job) else "dataset"]
    assert kind is not None, f"{place} is no facet of the standard"
    for name in ("_producer", "_schemaURL"):
        assert urllib.parse.urlparse(value[name]).scheme, place
    if key != "documentation":
        assert value["_schemaURL"] == kind._get_schema(), f"{place}: {value['_schemaURL']}"
    check_object(kind, value, place)


def check_event(event):
    assert event["schemaURL"] == "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
    assert urllib.parse.urlparse(event["producer"]).scheme
    check_object(event_v2.RunEvent, event, "event")


class LineageTest(LakeTest):
    def setUp(self):
        super().setUp()
        self.project = self.folder / "shop"
        smelt_ok("init", self.project)
        # The suite judges what was published: a task of its own fails.
        pipeline = self.project / "pipelines/daily.yml"
        text = pipeline.read_text(encoding="utf-8").replace("{select: silver}", "{select: silver, audit: false}")
        pipeline.write_text(text, encoding="utf-8")
        self.variables = {}

    def run_pipeline(self, expected=0):
        result = smelt(
            "pipeline", "run", "daily", "--project-dir", self.project,
            env=environment() | {"HOME": str(self.folder)} | self.variables,
        )  # fmt: skip
        self.assertEqual(result.returncode, expected, result.stdout + result.stderr)
        return result

    def write_to_file(self):
        (self.project / "openlineage.yml").write_text(
            "transport:\n  type: file\n  log_file_path: events.ndjson\n  append: true\n", encoding="utf-8"
        )

    def events(self):
        lines = (self.project / "events.ndjson").read_text(encoding="utf-8").splitlines()
        events = [json.loads(line) for line in lines]
        for event in events:
            with self.subTest(job=event["job"]["name"], type=event["eventType"]):
                check_event(event)
        return events

    def ended(self, events, job):
        (event,) = [one for one in events if one["job"]["name"] == job and one["eventType"] != "START"]
        return event

    def output(self, event, table):
        (dataset,) = [one for one in event["outputs"] if one["name"].endswith("/" + table.replace(".", "/"))]
        return dataset

    def test_events_of_a_good_run(self):
        self.write_to_file()
        self.run_pipeline()
        events = self.events()
        self.assertEqual([events[0]["job"]["name"], events[-1]["job"]["name"]], ["daily", "daily"])
        runs = {}
        for event in events:
            runs.setdefault(event["run"]["runId"], []).append(event["eventType"])
        self.assertEqual(set(map(tuple, runs.values())), {("START", "COMPLETE")}, "each run begins and ends once")
        self.check_parents(events)
        self.check_load(self.ended(events, "daily.bronze.bronze.orders"))
        self.check_model(self.ended(events, "daily.silver.silver.orders"))
        self.check_aggregate(self.ended(events, "daily.gold.gold.daily_revenue"))
        self.check_suite(self.ended(events, "daily.silver_quality.suite orders_silver"))

    def check_parents(self, events):
        (root,) = {event["run"]["runId"] for event in events if event["job"]["name"] == "daily"}
        tasks = {event["job"]["name"]: event["run"]["runId"] for event in events}
        for event in events:
            name = event["job"]["name"]
            if name == "daily":
                self.assertNotIn("parent", event["run"]["facets"])
                continue
            parent = event["run"]["facets"]["parent"]
            self.assertEqual(parent["root"]["run"]["runId"], root)
            above = ".".join(name.split(".")[:2]) if name.count(".") > 1 or "suite" in name else "daily"
            self.assertEqual((parent["job"]["name"], parent["run"]["runId"]), (above, tasks[above]))

    def check_load(self, event):
        (file,) = event["inputs"]
        self.assertTrue(file["name"].endswith("shop/data/orders.csv"), file)
        table = self.output(event, "bronze.orders")
        self.assertEqual(table["outputFacets"]["outputStatistics"]["rowCount"], 5)
        rejected = self.output(event, "quarantine.orders")
        self.assertEqual(rejected["outputFacets"]["outputStatistics"]["rowCount"], 1)
        self.assertEqual(table["namespace"], "file")

    def check_model(self, event):
        table = self.output(event, "silver.orders")
        self.assertEqual([field["name"] for field in table["facets"]["schema"]["fields"]],
                         ["order_id", "customer", "ordered_at", "status", "amount"])  # fmt: skip
        (source,) = event["inputs"]
        (field,) = table["facets"]["columnLineage"]["fields"]["amount"]["inputFields"]
        self.assertEqual((field["namespace"], field["name"], field["field"]), (source["namespace"], source["name"], "amount"))
        self.assertEqual((field["transformations"][0]["type"], field["transformations"][0]["subtype"]), ("DIRECT", "IDENTITY"))
        deciding = {one["field"] for one in table["facets"]["columnLineage"]["dataset"]}
        self.assertIn("ingestion_timestamp", deciding, "it decides which rows there are")
        self.assertIn("qualify", event["job"]["facets"]["sql"]["query"])
        self.assertNotIn("{{", event["job"]["facets"]["sql"]["query"])
        self.assertIn("{{ source(", event["job"]["facets"]["sourceCode"]["sourceCode"])
        self.assertEqual(table["outputFacets"]["outputStatistics"]["rowCount"], 5)

    def check_aggregate(self, event):
        fields = self.output(event, "gold.daily_revenue")["facets"]["columnLineage"]["fields"]
        (revenue,) = fields["revenue"]["inputFields"]
        self.assertEqual((revenue["field"], revenue["transformations"][0]["subtype"]), ("amount", "AGGREGATION"))
        (day,) = fields["day"]["inputFields"]
        self.assertEqual((day["field"], day["transformations"][0]["subtype"]), ("ordered_at", "TRANSFORMATION"))

    def check_suite(self, event):
        (table,) = event["inputs"]
        assertions = table["inputFacets"]["dataQualityAssertions"]["assertions"]
        self.assertEqual({one["assertion"]: one["success"] for one in assertions},
                         {"expect_column_values_to_be_between": True, "expect_table_row_count_to_be_between": True})  # fmt: skip
        metrics = table["inputFacets"]["dataQualityMetrics"]
        self.assertEqual((metrics["rowCount"], metrics["columnMetrics"]["order_id"]["nullCount"]), (5, 0))

    def test_what_suites_judged_before_publishing_is_told(self):
        pipeline = self.project / "pipelines/daily.yml"
        pipeline.write_text(pipeline.read_text(encoding="utf-8").replace(", audit: false", ""), encoding="utf-8")
        self.write_to_file()
        self.run_pipeline()
        self.check_suite(self.ended(self.events(), "daily.silver_quality.suite orders_silver"))
        (self.project / "events.ndjson").unlink()
        self.run_pipeline()
        jobs = {event["job"]["name"] for event in self.events()}
        self.assertEqual(jobs, {"daily", *(f"daily.{task}" for task in ("bronze", "silver", "silver_quality", "gold"))})

    def test_failures(self):
        self.write_to_file()
        (self.project / "data/orders_bad.csv").write_text(
            "order_id,customer,ordered_at,status,amount\n7,zoe,2026-01-05 10:00:00,paid,20000\n", encoding="utf-8"
        )
        self.run_pipeline(expected=1)
        events = self.events()
        for job in ("daily", "daily.silver_quality"):
            event = self.ended(events, job)
            self.assertEqual(event["eventType"], "FAIL")
            self.assertIn("orders_silver", event["run"]["facets"]["errorMessage"]["message"])
        suite = self.ended(events, "daily.silver_quality.suite orders_silver")
        self.assertEqual(suite["eventType"], "COMPLETE", "it has done its work")
        failed = [one["assertion"] for one in suite["inputs"][0]["inputFacets"]["dataQualityAssertions"]["assertions"] if not one["success"]]
        self.assertEqual(failed, ["expect_column_values_to_be_between"])
        self.assertNotIn("daily.gold", {event["job"]["name"] for event in events}, "what was skipped has no run")
        (self.project / "models/gold/daily_revenue.sql").write_text("select nothing from {{ ref('orders') }}", encoding="utf-8")
        (self.project / "data/orders_bad2.csv").write_text(
            "order_id,customer,ordered_at,status,amount\n7,zoe,2026-01-05 10:00:00,paid,20\n", encoding="utf-8"
        )
        (self.project / "events.ndjson").unlink()
        self.run_pipeline(expected=2)
        model = self.ended(self.events(), "daily.gold.gold.daily_revenue")
        self.assertEqual(model["eventType"], "FAIL")
        self.assertIn("nothing", model["run"]["facets"]["errorMessage"]["message"])

    def test_events_over_http_as_other_clients_are_told(self):
        receiver = HttpReceiver()
        self.addCleanup(receiver.close)
        receiver.answers = [500]
        self.variables = {"OPENLINEAGE_URL": receiver.url, "OPENLINEAGE_API_KEY": "k3y", "OPENLINEAGE_NAMESPACE": "team"}
        self.run_pipeline()
        events = receiver.taken("/api/v1/lineage")
        self.assertEqual(events[0]["job"], {"namespace": "team", "name": "daily", "facets": events[0]["job"]["facets"]})
        self.assertEqual(events[-1]["eventType"], "COMPLETE")
        self.assertEqual({headers["Authorization"] for _, headers, _, _ in receiver.requests}, {"Bearer k3y"})

    def test_a_receiver_that_is_not_there_stops_nothing(self):
        receiver = HttpReceiver()
        receiver.close()
        self.variables = {"OPENLINEAGE_URL": receiver.url}
        self.assertRegex(self.run_pipeline().stderr, r"\d+ lineage events were not delivered")

    def test_mistakes_are_said_before_anything_runs(self):
        (self.project / "openlineage.yml").write_text("transport:\n  type: pigeon\n", encoding="utf-8")
        result = self.run_pipeline(expected=2)
        self.assertIn("openlineage.yml:2", result.stderr)
        self.assertFalse((self.project / "lake/bronze").exists())


if __name__ == "__main__":
    unittest.main()
