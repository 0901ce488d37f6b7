"""A server under clients that misbehave: others are served all the time, and what they took is given back."""

import http.client
import os
import re
import signal
import socket
import struct
import threading
import time
import unittest
from pathlib import Path

from smelt_program import LakeTest, environment, smelt_ok, start

DROPPED = 10_000
HALF_OPEN = 200


class ServeFaultsTest(LakeTest):
    def setUp(self):
        super().setUp()
        smelt_ok("sql", "--lake", self.lake, "-c", "create table main.t as select range as i from range(100000)")

    def serve(self, *arguments):
        process = start("serve", "--lake", self.lake, "--json", "--http-port", "0", *arguments,
                        env=environment(), cwd=self.folder)  # fmt: skip
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        for line in process.stdout:
            if found := re.search(r'"url": ?"http://[^"]*:(\d+)"', line):
                self.port = int(found[1])
                break
        else:
            self.fail("it does not listen")
        process.reader = threading.Thread(target=lambda: [None for _ in process.stdout])
        process.reader.start()
        return process

    def end(self, process):
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=60), 0)
        process.reader.join()

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

    @staticmethod
    def open_files(process):
        return len(os.listdir(f"/proc/{process.pid}/fd"))

    @staticmethod
    def memory(process):
        """Resident bytes."""
        return int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def await_baseline(self, process, files):
        until = time.monotonic() + 60
        while self.open_files(process) > files and time.monotonic() < until:
            time.sleep(0.05)
        self.assertLessEqual(self.open_files(process), files)

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
        self.await_baseline(process, files)
        self.assertLess(self.memory(process) - memory, 32 << 20)
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

    def test_it_ends_in_time_whatever_its_clients_do(self):
        process = self.serve()
        silent = [self.connect() for _ in range(20)]
        for connection in silent[::2]:
            connection.sendall(b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        self.assertTrue(self.is_served())
        self.end(process)


if __name__ == "__main__":
    unittest.main()
