"""Dashboards of a project, served by the program: their rows are those of SQL, and open pages follow commits."""

import http.client
import json
import unittest

from http_caller import HttpCallTest
from served_lake import next_tile
from smelt_program import environment, smelt_ok, start

SALES = """
title: How do we sell?
owner: Sales
grains: [month, day]
filters:
  - {name: state, type: select, multiple: true, options: {sql: select distinct state as value from gold.orders order by 1}}
  - {name: period, type: date_range, default: last_2_months, until: select max(day) from gold.orders}
pages:
  - name: first
    tiles:
      - name: revenue
        type: line
        title: What did we sell?
        sql: |
          select {{ grain('day') }} as month, sum(amount)::bigint as revenue from gold.orders
          where {{ filter('state', 'state') }} and {{ filter('period', 'day') }} group by 1 order by 1
        x: month
        y: revenue
"""


class DashboardsTest(HttpCallTest):
    def setUp(self):
        super().setUp()
        (self.project / "dashboards").mkdir()
        (self.project / "dashboards/sales.yml").write_text(SALES)
        self.sql("create table gold.orders as select * from (values (date '2018-06-30', 'SP', 1), (date '2018-07-01', "
                 "'SP', 2), (date '2018-08-31', 'RJ', 4)) t(day, state, amount)")  # fmt: skip

    def sql(self, text):
        return smelt_ok("sql", "--lake", self.lake, "-c", text).stdout

    def serve(self):
        process = start("serve", *self.place, "--json", "--http-port", "0", "--pg-port", "0", "--no-scheduler",
                        env=environment(), start_new_session=True)  # fmt: skip
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.port = int(json.loads(process.stdout.readline())["url"].rpartition(":")[2])
        return process

    def tile(self, query=""):
        status, _, tile = self.call("GET", f"/api/v1/dashboards/sales/tiles/revenue{query}")
        self.assertEqual(status, 200, tile)
        return tile

    def test_tiles_have_the_rows_of_sql_and_follow_commits(self):
        self.serve()
        listed = self.call("GET", "/api/v1/dashboards")[2]
        self.assertEqual([one["name"] for one in listed["dashboards"]], ["sales"])
        self.assertEqual(listed["faults"], [])
        definition = self.call("GET", "/api/v1/dashboards/sales")[2]
        self.assertEqual(definition["filters"][1]["default"], {"from": "2018-07-01", "to": "2018-08-31"})
        self.assertEqual([option["value"] for option in definition["filters"][0]["options"]], ["RJ", "SP"])
        self.assertEqual(self.tile()["rows"], [["2018-07-01", 2], ["2018-08-01", 4]])
        self.assertEqual(self.tile("?period=&state=SP")["rows"], [["2018-06-01", 1], ["2018-07-01", 2]])
        self.assertEqual(self.tile("?period=&grain=day&state=SP")["rows"], [["2018-06-30", 1], ["2018-07-01", 2]])
        self.assertEqual(self.tile("?state=SP%27%20or%201%3D1--")["rows"], [])
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self.addCleanup(connection.close)
        connection.request("GET", "/api/v1/dashboards/sales/live?period=")
        page = connection.getresponse()
        self.assertEqual(next_tile(page)["rows"], [["2018-06-01", 1], ["2018-07-01", 2], ["2018-08-01", 4]])
        self.sql("insert into gold.orders values (date '2018-08-31', 'SP', 8)")  # by another process
        event = next_tile(page)
        self.assertEqual(event["rows"][-1], ["2018-08-01", 12])
        self.assertEqual(event["tables"][0]["version"], 1)
        self.assertEqual(self.tile("?as_of=0")["rows"][-1], ["2018-08-01", 4])

    def test_mistakes_are_told_with_their_line_and_hide_no_other_file(self):
        (self.project / "dashboards/wrong.yml").write_text("title: Wrong\npages:\n  - {name: a, tils: []}\n")
        (self.project / "dashboards/sql.yml").write_text(SALES.replace("group by 1", "grup by 1"))
        self.serve()
        listed = self.call("GET", "/api/v1/dashboards")[2]
        self.assertEqual([one["name"] for one in listed["dashboards"]], ["sales", "sql"])
        faults = {fault["file"]: fault for fault in listed["faults"]}
        wrong = faults["dashboards/wrong.yml"]
        self.assertEqual(wrong["line"], 3)
        self.assertIn("tiles", wrong["message"] + wrong["hint"])
        self.assertIn("tile 'revenue'", faults["dashboards/sql.yml"]["message"])
        self.assertNotIn(str(self.project), str(listed["faults"]))
        self.assertEqual(self.call("GET", "/api/v1/dashboards/sql/tiles/revenue")[0], 400)
        self.assertEqual(self.call("GET", "/api/v1/dashboards/sale")[0], 404)


if __name__ == "__main__":
    unittest.main()
