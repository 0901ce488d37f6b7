"""A server under clients that misbehave: others are served all the time, and what they took is given back."""

import http.client
import json
import os
import random
import socket
import struct
import unittest

from watched_server import MIB, WatchedServerTest

DROPPED = 10_000
HALF_OPEN = 200
SEED = int(os.environ.get("FUZZ_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)
BODIES = 1_000


class ServeFaultsTest(WatchedServerTest):
    def is_served(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        finally:
            connection.close()

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        self.addCleanup(connection.close)
        return connection

    def test_connections_that_are_dropped_leave_nothing_behind(self):
        process = self.serve()
        self.assertTrue(self.is_served())
        for i in range(500):  # what a first client makes the server hold stays
            self.drop(i)
        self.await_baseline(process, self.open_files(process))
        files, memory = self.open_files(process), self.memory(process)
        for i in range(DROPPED):
            self.drop(i)
            if i % 1_000 == 0:
                self.assertTrue(self.is_served())
        self.await_baseline(process, files, memory, beyond=32 * MIB)
        self.assertTrue(self.is_served())
        self.end(process)

    def drop(self, i):
        """Opens a connection and drops it: at once, in the middle of a request, with a reset, or before the answer."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        if i % 4 == 1:
            connection.sendall(b"GET /readyz HT")
        if i % 4 == 2:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if i % 4 == 3:
            connection.sendall(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        connection.close()

    def test_clients_that_say_nothing_keep_nobody_out(self):
        process = self.serve()
        files = self.open_files(process)
        silent = [self.connect() for _ in range(HALF_OPEN)]
        for connection in silent[::2]:
            connection.sendall(b"POST /api/v1/sql HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        self.assertTrue(self.is_served())
        for connection in silent:
            connection.close()
        self.await_baseline(process, files)
        self.end(process)

    def test_requests_that_are_none_are_refused_and_cost_the_connection(self):
        process = self.serve()
        for request, status in (
            (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000 + b"\r\n\r\n", b"431"),
            (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 500, b"400"),  # the begin of TLS
            (b"NONSENSE\r\n\r\n", b"400"),
            (b"GET /readyz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", b"400"),
            (b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
            (b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", b"400"),
            (b"POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n", b"400"),
        ):
            connection = self.connect()
            connection.sendall(request)
            answer = b""
            while piece := connection.recv(65_536):
                answer += piece
            self.assertEqual(answer[9:12], status, (request[:60], answer[:200]))
        self.assertTrue(self.is_served())
        self.end(process)

    def test_slow_readers_hold_neither_memory_nor_others(self):
        process = self.serve()
        self.sql("select count(*) from range(10000000)")
        files, memory = self.open_files(process), self.memory(process)
        body = json.dumps({"sql": "select repeat('x', 1000) as text from range(100000000)", "format": "ndjson"}).encode()
        with self.healthy() as others:
            for _ in range(6):
                self.connect().sendall(b"POST /api/v1/sql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                                       b"Content-Length: %d\r\n\r\n" % len(body) + body)  # fmt: skip
            self.await_that("others are served", lambda: min(others.answers.values()) > 50)
            self.assertLess(self.memory(process) - memory, 200 * MIB)  # 100 GB would have been each result
        # Who reads nothing is cut off by the clock.
        self.await_baseline(process, files, memory)
        self.end(process)

    def test_bodies_that_are_nonsense_are_refused_as_the_callers_fault(self):
        process = self.serve()
        whole = json.dumps({"sql": "select $1 as a", "parameters": ["x"], "format": "json", "limit": 5, "timeout_ms": 9000}).encode()
        chance = random.Random(SEED)
        with self.subTest(f"FUZZ_SEED={SEED}"):
            for _ in range(BODIES):
                body = bytearray(whole)
                for _ in range(chance.randrange(1, 6)):
                    at = chance.randrange(len(body))
                    body[at : at + chance.randrange(4)] = bytes(chance.choice(b'{}[]",:\\0123eE.-\x00\xff nulltrue') for _ in range(3))
                status, _, content = self.ask("POST", "/api/v1/sql", bytes(body))
                self.assertIn(status, (200, 400, 413, 422), (bytes(body), content))
            for depth in (1_000, 100_000):
                status, _, content = self.ask("POST", "/api/v1/sql", b'{"sql": ' + b"[" * depth + b"]" * depth + b"}")
                self.assertIn(status, (400, 422), content[:200])
        self.assertTrue(self.is_served())
        self.end(process)

    def test_it_ends_in_time_whatever_its_clients_do(self):
        process = self.serve()
        silent = [self.connect() for _ in range(20)]
        for connection in silent[::2]:
            connection.sendall(b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        self.assertTrue(self.is_served())
        self.end(process)


if __name__ == "__main__":
    unittest.main()
