"""The dashboards of projects/olist over a small lake: all of them are valid, and every tile has something to show."""

import http.client
import json
import shutil
import unittest
import urllib.parse

import smelt_program
from smelt_program import ROOT, LakeTest, smelt_ok, start

PROJECT = ROOT / "projects/olist"
ENCODINGS = ("x", "value", "compare", "label", "series", "previous", "region")
# Small data may have none of these.
MAY_BE_EMPTY = {("customer", "worth_keeping"), ("cancellations", "paid_for_nothing"), ("late-orders", "where"),
                ("late-orders", "list"), ("executive", "growth")}  # fmt: skip


class OlistDashboardsTest(LakeTest):
    @classmethod
    def setUpClass(cls):
        data = smelt_program.small_data()
        cls.demo = data.parent / f"{data.name}-dashboards-lake"
        cls.addClassCleanup(shutil.rmtree, cls.demo, ignore_errors=True)
        smelt_ok("demo", "--scale", smelt_program.SMALL_SCALE, "--lake", cls.demo)
        cls.server = start("serve", "--project-dir", PROJECT, "--lake", cls.demo, "--no-scheduler", "--http-port", "0",
                           "--pg-port", "0", "--json")  # fmt: skip
        cls.addClassCleanup(cls.server.stdout.close)
        cls.addClassCleanup(cls.server.wait)
        cls.addClassCleanup(cls.server.terminate)
        for line in cls.server.stdout:
            if "http://" in line:
                cls.port = int(line.split("http://127.0.0.1:")[1].split('"')[0].rstrip("/"))
                break

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def dashboards(self):
        status, listed = self.get("/api/v1/dashboards")
        self.assertEqual(status, 200, listed)
        return listed

    def test_the_gallery_is_whole(self):
        listed = self.dashboards()
        self.assertEqual(listed["faults"], [])
        names = {one["name"] for one in listed["dashboards"]}
        self.assertGreaterEqual(len(names), 30)
        self.assertLessEqual({"executive", "product", "customer", "operational"}, names)
        for one in listed["dashboards"]:
            with self.subTest(dashboard=one["name"]):
                self.assertTrue(one["title"] and one["description"] and one["owner"])

    def test_every_tile_has_rows_and_the_columns_that_it_draws(self):
        for one in self.dashboards()["dashboards"]:
            name = one["name"]
            status, definition = self.get(f"/api/v1/dashboards/{name}")
            self.assertEqual(status, 200, definition)
            everything = urllib.parse.urlencode({filter["url"]: "" for filter in definition["filters"]})
            for tile in (tile for page in definition["pages"] for tile in page["tiles"]):
                if tile["type"] == "text":
                    continue
                # As it opens, and with everything chosen.
                for query in ("", everything):
                    with self.subTest(dashboard=name, tile=tile["name"], query=query):
                        status, answer = self.get(f"/api/v1/dashboards/{name}/tiles/{tile['name']}?{query}")
                        self.assertEqual(status, 200, answer)
                        if (name, tile["name"]) not in MAY_BE_EMPTY:
                            self.assertTrue(answer["rows"])
                        columns = {column["name"] for column in answer["columns"]}
                        drawn = {tile[key] for key in ENCODINGS if tile.get(key)} | set(tile.get("y") or [])
                        self.assertLessEqual(drawn | set(tile.get("columns") or {}), columns)

    def test_filters_narrow_tiles_down(self):
        def revenue(query):
            status, answer = self.get(f"/api/v1/dashboards/executive/tiles/by_region?{query}")
            self.assertEqual(status, 200, answer)
            return {row[0]: row[1] for row in answer["rows"]}

        everything = revenue("period=&region=")
        south = revenue("period=&region=South")
        self.assertEqual(south, {"South": everything["South"]})
        self.assertNotEqual(revenue("period=2018-01-01..2018-03-31&region=South"), south)

    def test_tiles_of_metrics_agree_with_the_metric_api(self):
        status, tile = self.get("/api/v1/dashboards/delivery/tiles/on_time?period=&state=SP&grain=month")
        self.assertEqual(status, 200, tile)
        status, asked = self.get("/api/v1/metrics/on_time_rate?grain=month&order__customer_state=SP")
        self.assertEqual(status, 200, asked)
        self.assertEqual(tile["rows"], asked["rows"])
        self.assertTrue(tile["rows"])

    def test_the_metric_api_says_what_is_wrong(self):
        status, problem = self.get("/api/v1/metrics/revenu")
        self.assertEqual((status, problem["code"]), (404, "SMELT-METRIC-0001"))
        status, problem = self.get("/api/v1/metrics/revenue?group_by=payment__payment_type")
        self.assertEqual((status, problem["code"]), (422, "SMELT-METRIC-0002"))
        status, problem = self.get("/api/v1/metrics/revenue?limit=many")
        self.assertEqual(status, 400, problem)
        status, listed = self.get("/api/v1/metrics")
        self.assertEqual(status, 200)
        revenue = next(one for one in listed["metrics"] if one["name"] == "revenue")
        self.assertIn("order__customer_state", revenue["dimensions"])


if __name__ == "__main__":
    unittest.main()
