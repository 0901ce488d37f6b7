"""projects/physical end to end: no row is lost between file and staging, nothing is done twice, a further day costs that day,
what comes out is what a full build makes, and the figures are those of plain SQL over the files."""

import csv
import http.client
import json
import shutil
import sqlite3
import time
import unittest
import urllib.parse
from decimal import Decimal

from physical_files import TABLES, base_and_days, copy_of_the_project
from receivers import HttpReceiver
from smelt_program import LakeTest, environment, query, scalar, smelt, smelt_ok, start, tables, versions

PIPELINES = ("data_ingestion", "dbt_transformation", "data_quality_checks")
# The judgement of freshness is made anew in every run, and kept.
JUDGEMENTS = ("quality.results",)
# What was seen on which day is history that a later start cannot know; nor does it know what products cost then.
HISTORIES = ("*_history", "gold.sales_by_product")
ENCODINGS = ("x", "value", "compare", "label", "series", "previous")
CHAIN_S = 300


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def rows_read(folders):
    """Table → rows of its files, the header aside."""
    return {
        table: sum(rows_of(folder / f"{table}.csv") for folder in folders if (folder / f"{table}.csv").exists())
        for table in TABLES
    }


class PhysicalTest(LakeTest):
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.project = copy_of_the_project(self.folder / "project")
        self.data = self.project / "data"
        self.data.mkdir()

    def run_pipelines(self, lake=None, data=None):
        """Runs the three of them; pipeline → the events of its run."""
        events = {}
        for name in PIPELINES:
            place = ("--project-dir", self.project, "--lake", lake or self.lake, "--data", data or self.data)
            output = smelt_ok("pipeline", "run", name, *place, "--json").stdout
            events[name] = [json.loads(line) for line in output.splitlines()]
        return events

    def add(self, *folders):
        for folder in folders:
            shutil.copytree(folder, self.data / folder.name)

    def rows_loaded(self, events):
        """Table → rows that the load read, of those that it read any of."""
        steps = [event for event in events["data_ingestion"] if event["event"] == "step_finished" and event["kind"] == "ingest"]
        return {step["name"].removeprefix("bronze."): step["rows_in"] for step in steps if step.get("rows_in")}

    def accounts(self):
        """Table → its rows in bronze and in quarantine, the keys in bronze that come again, and the rows of staging."""
        keys = {
            table: scalar(self.lake, f"select count(distinct ({key})) from bronze.{table}")
            for table, key in {
                "products": "product_id", "recipes": "product_id, component_number", "customers": "customer_id",
                "orders": "order_id", "order_lines": "order_id, line_number", "shipments": "shipment_id",
                "returns": "return_id", "waste": "waste_id", "quality": "inspection_id",
            }.items()
        }  # fmt: skip
        there = tables(self.lake)
        accounts = {}
        for table in TABLES:
            bronze = scalar(self.lake, f"select count(*) from bronze.{table}")
            held = scalar(self.lake, f"select count(*) from quarantine.{table}") if f"quarantine.{table}" in there else 0
            staged = scalar(self.lake, f"select count(*) from silver.stg_{table}")
            accounts[table] = (bronze, held, bronze - keys[table], staged)
        return accounts

    def assert_every_row_is_accounted_for(self, read):
        for table, (bronze, held, repeated, staged) in self.accounts().items():
            with self.subTest(table=table):
                self.assertEqual(staged + repeated + held, read[table])
                self.assertEqual(bronze + held, read[table])

    def test_from_files_to_marts(self):
        base, days = base_and_days()
        self.add(base)
        loaded = self.rows_loaded(self.run_pipelines())
        read = rows_read([base])
        self.assertEqual(loaded, read)
        self.assert_every_row_is_accounted_for(read)
        held = sum(account[1] for account in self.accounts().values())
        self.assertTrue(0 < held < 0.03 * sum(read.values()), f"{held} rows in quarantine")

        before = versions(self.lake)
        again = self.run_pipelines()
        self.assertEqual(self.rows_loaded(again), {})
        after = versions(self.lake)
        self.assertEqual({name: after[name] for name in after if name not in JUDGEMENTS},
                         {name: before[name] for name in before if name not in JUDGEMENTS})  # fmt: skip

        # A day, and then what had been left lying.
        arrived = [base]
        for delivery in (days[:1], days[1:]):
            self.add(*delivery)
            arrived += delivery
            loaded = self.rows_loaded(self.run_pipelines())
            self.assertEqual(loaded, {table: rows for table, rows in rows_read(delivery).items() if rows})
            self.assert_every_row_is_accounted_for(rows_read(arrived))
        self.assertGreater(scalar(self.lake, "select count(*) from gold.dim_products_history where version_number > 1"), 0)
        self.assertGreater(scalar(self.lake, "select count(*) from gold.dim_customers_history where version_number > 1"), 0)

        rebuilt = self.folder / "rebuilt"
        shutil.copytree(self.lake, rebuilt)
        smelt_ok("build", "--project-dir", self.project, "--lake", rebuilt, "--full-refresh")
        self.assert_same_tables(self.lake, rebuilt, but=JUDGEMENTS)
        at_once = self.folder / "at-once"
        self.run_pipelines(lake=at_once)
        self.assert_same_tables(self.lake, at_once, but=(*HISTORIES, *JUDGEMENTS))

    def test_figures_are_those_of_plain_sql_over_the_files(self):
        base, days = base_and_days()
        self.add(base, *days)
        self.run_pipelines()
        # Whole rows of these files, each once, with numbers and times that can be read; no model of the project is used.
        wanted = query(
            self.lake,
            f"""
            with
            orders as (
              select distinct order_id, trim(lower(status)) as status, try_cast(ordered_at as timestamp) as ordered_at,
                try_cast(shipping_amount as decimal(12, 2)) as shipping, try_cast(order_total as decimal(14, 2)) as total
              from read_csv('{self.data}/*/orders.csv', all_varchar = true, quote = '"')
              where try_cast(ordered_at as timestamp) is not null and try_cast(shipping_amount as decimal(12, 2)) >= 0
                and try_cast(order_total as decimal(14, 2)) >= 0 and customer_id is not null
            ),
            lines as (
              select distinct order_id, line_number, try_cast(quantity as bigint) as quantity,
                try_cast(line_total as decimal(14, 2)) as line_total
              from read_csv('{self.data}/*/order_lines.csv', all_varchar = true, quote = '"')
              where try_cast(quantity as bigint) > 0 and try_cast(unit_price as decimal(12, 2)) >= 0
                and try_cast(line_total as decimal(14, 2)) >= 0 and product_id is not null
            ),
            sold as (select * from lines join orders using (order_id) where status <> 'cancelled'),
            returned as (
              select distinct return_id, try_cast(refund_amount as decimal(14, 2)) as refund
              from read_csv('{self.data}/*/returns.csv', all_varchar = true, quote = '"')
              where try_cast(quantity as bigint) > 0 and try_cast(refund_amount as decimal(14, 2)) >= 0
                and try_cast(returned_at as timestamp) is not null and product_id is not null
            ),
            wasted as (
              select distinct waste_id, try_cast(cost as decimal(14, 2)) as cost
              from read_csv('{self.data}/*/waste.csv', all_varchar = true, quote = '"')
              where try_cast(quantity as decimal(14, 4)) >= 0 and try_cast(cost as decimal(14, 2)) >= 0
                and try_cast(wasted_at as timestamp) is not null and product_id is not null
            ),
            inspected as (
              select distinct inspection_id, try_cast(sample_size as bigint) as pieces, try_cast(defects as bigint) as defects,
                trim(lower(result)) = 'pass' as passed
              from read_csv('{self.data}/*/quality.csv', all_varchar = true, quote = '"')
              where try_cast(sample_size as bigint) > 0 and try_cast(defects as bigint) >= 0
                and try_cast(inspected_at as timestamp) is not null and product_id is not null
            )
            select
              (select sum(line_total) from sold) as net_sales,
              (select sum(quantity) from sold) as units,
              (select count(distinct order_id) from sold) as orders,
              (select sum(refund) from returned) as refunds,
              (select sum(cost) from wasted) as waste_cost,
              (select count(*) from inspected) as inspections,
              (select count(*) from inspected where passed) as passed,
              (select sum(defects) from inspected) as defects,
              (select sum(pieces) from inspected) as pieces
            """,
        )[0]
        self.assertGreater(wanted["net_sales"], 0)
        facts = query(
            self.lake,
            """
            select
              (select sum(line_total) from gold.fact_sales where not is_cancelled) as net_sales,
              (select sum(quantity) from gold.fact_sales where not is_cancelled) as units,
              (select count(distinct order_id) from gold.fact_sales where not is_cancelled) as orders,
              (select sum(refund_amount) from gold.fact_returns) as refunds,
              (select sum(cost) from gold.fact_waste) as waste_cost,
              (select count(*) from gold.fact_quality) as inspections,
              (select count(*) from gold.fact_quality where is_passed) as passed,
              (select sum(defects) from gold.fact_quality) as defects,
              (select sum(sample_size) from gold.fact_quality) as pieces
            """,
        )[0]
        self.assertEqual(facts, wanted)
        views = query(
            self.lake,
            """
            select
              (select sum(net_sales) from gold.metrics_sales_performance) as sales,
              (select sum(net_sales) from gold.metrics_product_performance) as products,
              (select sum(net_sales) from gold.metrics_customer_analytics) as customers
            """,
        )[0]
        self.assertEqual(set(views.values()), {wanted["net_sales"]})
        place = ("--project-dir", self.project, "--lake", self.lake)
        asked = "net_sales,units_sold,orders,refunds,waste_cost,inspections,inspections_passed,defects,pieces_inspected"
        metrics = json.loads(smelt_ok("metrics", "query", "--metrics", asked, *place, "--json").stdout, parse_float=Decimal)
        self.assertEqual(list(map(Decimal, metrics.values())), list(map(Decimal, wanted.values())))

    def test_clean_files_raise_no_alarm(self):
        smelt_ok("generate", "physical", "--scale", "0.02", "--seed", "7", "--dirt", "0", "--out", self.data / "base")
        for name, events in self.run_pipelines().items():
            with self.subTest(pipeline=name):
                statuses = {event["status"] for event in events if event["event"] in ("step_finished", "task_finished")}
                self.assertLessEqual(statuses, {"done", "nothing"})
        self.assertFalse([table for table in tables(self.lake) if table.startswith("quarantine.")])

    def test_figures_that_do_not_agree_are_found(self):
        self.add(base_and_days()[0])
        self.run_pipelines()
        for damage, found in (
            ("update gold.fact_sales set line_total = line_total - 0.01 where ordered_at = (select min(ordered_at) from"
             " gold.fact_sales) and line_number = 1", "assert_sales_add_up_to_the_headers"),
            ("update gold.fact_returns set refund_amount = line_total + 1 where return_id = (select min(return_id) from"
             " gold.fact_returns where line_total is not null)", "assert_refunds_stay_within_lines"),
            ("delete from silver.stg_waste where waste_id = (select min(waste_id) from silver.stg_waste)",
             "assert_every_key_arrives"),
        ):  # fmt: skip
            with self.subTest(found=found):
                smelt_ok("sql", "--lake", self.lake, "-c", damage)
                checked = smelt("pipeline", "run", "data_quality_checks", "--project-dir", self.project, "--lake", self.lake)
                self.assertEqual(checked.returncode, 1, checked.stdout + checked.stderr)
                self.assertRegex(checked.stdout, f"✖ {found}")

    def get(self, port, path):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            answer = json.loads(response.read())
            self.assertEqual(response.status, 200, f"{path}: {answer}")
            return answer
        finally:
            connection.close()

    def serve(self):
        """Serves the lake; the port for HTTP."""
        place = ("--project-dir", self.project, "--lake", self.lake)
        server = start("serve", *place, "--no-scheduler", "--http-port", "0", "--pg-port", "0", "--json")
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        for line in server.stdout:
            if "http://127.0.0.1:" in line:
                return int(line.split("http://127.0.0.1:")[1].split('"')[0].rstrip("/"))
        return self.fail("the server names no address")

    def test_every_tile_of_every_dashboard_has_rows_and_the_report_is_written(self):
        base, days = base_and_days()
        for delivery in ([base], days):
            self.add(*delivery)
            self.run_pipelines()
        port = self.serve()
        listed = self.get(port, "/api/v1/dashboards")
        self.assertEqual(listed["faults"], [])
        self.assertEqual({one["name"] for one in listed["dashboards"]}, {"sales", "product", "customer", "quality-and-waste"})
        for one in listed["dashboards"]:
            self.assertTrue(one["title"] and one["description"] and one["owner"])
            definition = self.get(port, f"/api/v1/dashboards/{one['name']}")
            everything = urllib.parse.urlencode({filter["url"]: "" for filter in definition["filters"]})
            for tile in (tile for page in definition["pages"] for tile in page["tiles"]):
                for chosen in ("", everything):  # as it opens, and with everything chosen
                    with self.subTest(dashboard=one["name"], tile=tile["name"], chosen=chosen):
                        answer = self.get(port, f"/api/v1/dashboards/{one['name']}/tiles/{tile['name']}?{chosen}")
                        self.assertTrue(answer["rows"])
                        columns = {column["name"] for column in answer["columns"]}
                        drawn = {tile[key] for key in ENCODINGS if tile.get(key)} | set(tile.get("y") or [])
                        self.assertLessEqual(drawn | set(tile.get("columns") or {}), columns)
        place = ("--project-dir", self.project, "--lake", self.lake)
        smelt_ok("report", "weekly_review", "--format", "html,pdf", "--out", self.folder / "reports", *place)

    def test_a_delivery_that_cannot_be_read_is_told_to_the_channel(self):
        slack = HttpReceiver()
        self.addCleanup(slack.close)
        self.add(base_and_days()[0])
        (self.data / "base/orders.csv").write_text("order,customer\n1,2\n", encoding="utf-8")
        place = ("--project-dir", self.project, "--lake", self.lake)
        secrets = environment() | {"PHYSICAL_SLACK_WEBHOOK_URL": f"{slack.url}/slack"}
        failed = smelt("pipeline", "run", "data_ingestion", *place, env=secrets)
        self.assertNotEqual(failed.returncode, 0)
        self.assertIn("orders.csv", failed.stdout + failed.stderr)
        (message,) = slack.taken("/slack")
        self.assertIn("data_ingestion", json.dumps(message))
        # PagerDuty and the mail have no secrets here, which is written down and changes nothing else.
        dead = smelt_ok("alerts", "list", "--dead", *place).stdout
        self.assertIn("PHYSICAL_PAGERDUTY_ROUTING_KEY", dead)
        self.assertIn("PHYSICAL_SMTP_PASSWORD", dead)
        self.assertEqual(tables(self.lake), [])

    def runs(self):
        state = self.lake / "_smelt/state.db"
        if not state.exists():
            return []
        with sqlite3.connect(state, timeout=60) as database:
            return database.execute("select pipeline, status, triggered_by from runs order by started_us").fetchall()

    def test_one_delivery_sets_off_all_three_pipelines(self):
        base, _ = base_and_days()
        scheduler = start("scheduler", "--project-dir", self.project, "--lake", self.lake, "--json")
        self.addCleanup(scheduler.stdout.close)
        self.addCleanup(scheduler.wait)
        self.addCleanup(scheduler.terminate)
        self.assertIn("scheduler.", scheduler.stdout.readline())
        self.add(base)
        self.assertEqual(self.runs(), [])  # files in a folder are not complete before their mark is there
        (self.data / "base.ready").touch()
        until = time.monotonic() + CHAIN_S
        while len([run for run in self.runs() if run[1] == "succeeded"]) < len(PIPELINES):
            self.assertLess(time.monotonic(), until, self.runs())
            time.sleep(0.1)
        self.assertEqual([(name, status) for name, status, _ in self.runs()], [(name, "succeeded") for name in PIPELINES])
        self.assertGreater(scalar(self.lake, "select count(*) from gold.fact_sales"), 0)


if __name__ == "__main__":
    unittest.main()
