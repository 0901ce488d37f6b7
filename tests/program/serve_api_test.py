"""The data API of `smelt serve`: SQL in several formats, pages, cancelling, tables by filters and versions."""

import json
import socket
import time
import unittest
import urllib.parse

from served_lake import ServedLakeTest
from smelt_program import smelt_ok
from wire_client import WireClient

ORDERS = "/api/v1/tables/shop/orders"


class ServeApiTest(ServedLakeTest):
    def test_rows_of_statements(self):
        server = self.serve()
        status, _, answer = self.sql("select order_id, price from shop.orders where price > $1 order by 1", parameters=[122])
        self.assertEqual(status, 200, answer)
        self.assertEqual(answer["rows"], [[98, 122.5], [99, 123.75]])
        self.assertEqual([column["kind"] for column in answer["columns"]], ["integer", "decimal"])
        status, headers, text = self.sql("select 1 as a, 'x,y' as b", format="csv")
        self.assertEqual((status, headers["Content-Type"], text), (200, "text/csv; charset=utf-8", 'a,b\n1,"x,y"\n'))
        status, headers, text = self.sql("from range(300000)", format="ndjson")
        self.assertEqual(headers["Transfer-Encoding"], "chunked")
        self.assertEqual(json.loads(text.splitlines()[-1]), {"range": 299999})
        status, _, problem = self.sql("select nothing from shop.orders")
        self.assertEqual((status, problem["code"]), (400, "SMELT-SQL-0002"), problem)
        self.end(server)

    def test_statements_that_write(self):
        server = self.serve()
        insert = {"sql": "insert into shop.orders (order_id, name) values (1000, $name)", "parameters": {"name": "it's"}}
        for _ in range(2):
            status, headers, answer = self.call("POST", "/api/v1/sql", insert, {"Idempotency-Key": "once"})
            self.assertEqual((status, answer["changed"]), (200, 1), answer)
        self.assertEqual(headers["Idempotency-Replayed"], "true")
        self.assertEqual(answer["commits"][0]["table"], "shop.orders")
        self.assertEqual(self.sql("select name from shop.orders where order_id = 1000")[2]["rows"], [["it's"]])
        self.end(server)

    def test_pages_of_a_result(self):
        server = self.serve()
        status, headers, page = self.sql("select order_id from shop.orders order by 1", page_rows=40, wait_ms=60000)
        self.assertEqual(status, 200, page)
        rows = page["rows"]
        while page["next"]:
            status, _, page = self.call("GET", page["next"])
            self.assertEqual(status, 200, page)
            rows += page["rows"]
        self.assertEqual(rows, [[number] for number in range(100)])
        self.assertEqual(self.call("DELETE", headers["Location"])[0], 204)
        self.assertEqual(self.call("GET", headers["Location"])[0], 404)
        self.end(server)

    def test_long_statements_are_cancelled_or_end_with_their_client(self):
        server = self.serve()
        long = "select count(*) from range(100000000) a, range(100000000) b where a.range * b.range = 1"
        status, headers, answer = self.sql(long, **{"async": True})
        self.assertEqual((status, answer["state"]), (202, "running"), answer)
        self.assertEqual(self.call("DELETE", headers["Location"])[0], 204)
        self.assertEqual(self.sql(long, timeout_ms=100)[0], 504)
        body = json.dumps({"sql": long}).encode()
        for _ in range(20):  # more than may be at work at a time, were they not ended
            with socket.create_connection(("127.0.0.1", self.port)) as client:
                client.sendall(b"POST /api/v1/sql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                               b"Content-Length: %d\r\n\r\n" % len(body) + body)  # fmt: skip
        until = time.monotonic() + 60
        while self.sql("select 1")[0] != 200:
            self.assertLess(time.monotonic(), until)
            time.sleep(0.05)
        self.end(server)

    def test_rows_of_tables(self):
        server = self.serve()
        query = urllib.parse.urlencode([("price", "gte.10"), ("price", "lt.20"), ("select", "order_id,day"),
                                        ("order", "order_id.desc"), ("limit", "2")])  # fmt: skip
        status, headers, answer = self.call("GET", f"{ORDERS}?{query}")
        self.assertEqual(answer["rows"], [{"order_id": 15, "day": "2018-01-16"}, {"order_id": 14, "day": "2018-01-15"}])
        status, _, rest = self.call("GET", answer["next"])
        self.assertEqual([row["order_id"] for row in rest["rows"]], [13, 12], rest)
        self.assertEqual(self.call("GET", f"{ORDERS}?{query}", headers={"If-None-Match": headers["ETag"]})[0], 304)
        either = urllib.parse.urlencode([("or", "(order_id.lt.2,and(price.eq.12.5,name.eq.\"order 10\"))"), ("select", "order_id")])
        self.assertEqual([row["order_id"] for row in self.call("GET", f"{ORDERS}?{either}")[2]["rows"]], [0, 1, 10])
        smelt_ok("sql", "--lake", self.lake, "-c", "delete from shop.orders where order_id > 14")
        status, _, answer = self.call("GET", f"{ORDERS}?{query}", headers={"If-None-Match": headers["ETag"]})
        self.assertEqual((status, answer["rows"][0]["order_id"]), (200, 14))
        self.assertEqual(self.call("GET", f"{ORDERS}?version=0&limit=1000")[2]["row_count"], 100)
        status, _, problem = self.call("GET", f"{ORDERS}?prize=eq.1")
        self.assertEqual(status, 400)
        self.assertIn("did you mean 'price'?", problem["detail"])
        self.assertEqual(self.call("GET", "/api/v1/tables/shop/cheap?select=order_id&limit=1")[2]["row_count"], 1)
        self.assertEqual([table["table"] for table in self.call("GET", "/api/v1/tables")[2]["tables"]], ["cheap", "orders"])
        self.end(server)

    def test_what_the_server_did_is_counted(self):
        server = self.serve()
        self.sql("select 1")
        self.sql("select nothing")
        self.call("GET", "/nowhere")
        with WireClient(self.pg_port, {}) as client:
            client.query("select 1; select 2")
            self.assertEqual(client.state_of("select 1/x from shop.orders"), "42703")
            status, headers, text = self.call("GET", "/metrics")
        self.assertEqual((status, headers["Content-Type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
        values = dict(line.rpartition(" ")[::2] for line in text.splitlines() if not line.startswith("#"))
        requests = 'smelt_http_requests_total{method="%s",route="%s",status="%s"}'
        for key, value in (
            (requests % ("POST", "/api/v1/sql", 200), "1"),
            (requests % ("POST", "/api/v1/sql", 400), "1"),
            (requests % ("", "", 404), "1"),
            ("smelt_postgres_connections", "1"),
            ("smelt_postgres_connections_total", "1"),
            ('smelt_postgres_statements_total{sqlstate="00000"}', "2"),
            ('smelt_postgres_statements_total{sqlstate="42703"}', "1"),
            ('smelt_answers_total{by="cache"}', "0"),
            ("smelt_sql_statements", "0"),
        ):
            self.assertEqual(values.get(key), value, key)
        self.assertIn('smelt_table_rows{schema="shop",table="orders"}', values)
        self.end(server)

    def test_the_document(self):
        server = self.serve()
        status, _, document = self.call("GET", "/api/v1/openapi.json")
        self.assertEqual((status, document["openapi"]), (200, "3.1.0"))
        self.assertIn("get", document["paths"]["/api/v1/tables/{schema}/{table}"])
        self.assertIn("/healthz", document["paths"])
        self.assertIn("text/html", self.call("GET", "/api")[1]["Content-Type"])
        self.end(server)


if __name__ == "__main__":
    unittest.main()
