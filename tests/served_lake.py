"""A lake that `smelt serve` serves on a free port, for tests that call it with Python's own client or others."""

import http.client
import json
import signal
import threading

from smelt_program import LakeTest, environment, smelt_ok, start


def next_tile(page):
    """The data of the next event that is a tile, from an open stream of events."""
    name = ""
    while line := page.readline().decode().rstrip("\n"):
        name = line[7:] if line.startswith("event: ") else name
        if line.startswith("data: ") and name == "tile":
            page.readline()
            return json.loads(line[6:])
    return next_tile(page)  # the blank line of a heartbeat


class ServedLakeTest(LakeTest):
    """A lake with a few small tables; `serve` begins, `call` asks."""

    TABLES = """
        create schema shop;
        create table shop.orders as
          select i as order_id, 'order ' || i as name, (i * 1.25)::decimal(10,2) as price,
                 date '2018-01-01' + i::integer as day, i % 3 = 0 as paid from range(100) r(i);
        create view shop.cheap as select * from shop.orders where price < 10;
    """

    def setUp(self):
        super().setUp()
        smelt_ok("sql", "--lake", self.lake, "-c", self.TABLES)

    def serve(self, *arguments, **variables):
        process = start("serve", "--lake", self.lake, "--json", "--http-port", "0", "--pg-port", "0", *arguments,
                        env=environment() | variables)  # fmt: skip
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.url = self.read_address(process, '"http')
        self.port = int(self.url.rpartition(":")[2])
        self.pg_port = int(self.read_address(process, '"postgresql').rpartition(":")[2].removesuffix("/lake"))
        # What it prints is read all along: a pipe that is full would hold it up.
        process.reader = threading.Thread(target=lambda: [process.printed.append(line) for line in process.stdout])
        process.printed = []
        process.reader.start()
        return process

    def read_address(self, process, scheme):
        line = process.stdout.readline()
        while scheme not in line:
            self.assertTrue(line, "the server ended")
            line = process.stdout.readline()
        return json.loads(line)["url"]

    def end(self, process):
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=60), 0, process.printed)
        process.reader.join()

    def ask(self, method, path, body=None, headers=()):
        """The status, the headers and the bytes of the body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            headers = {"Content-Type": "application/json"} | dict(headers)
            connection.request(method, path, body if isinstance(body, bytes | None) else json.dumps(body), headers)
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()

    def call(self, method, path, body=None, headers=()):
        """The status, the headers and the body, which is JSON where it says so."""
        status, answered, content = self.ask(method, path, body, headers)
        is_json = "json" in answered.get("Content-Type", "") and "ndjson" not in answered["Content-Type"]
        return status, answered, json.loads(content) if is_json and content else content.decode()

    def sql(self, sql, **more):
        return self.call("POST", "/api/v1/sql", {"sql": sql, **more})
