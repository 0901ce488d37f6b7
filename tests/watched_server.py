"""What a server holds, from outside, and clients who go on being served while others misbehave."""

import http.client
import json
import os
import threading
import time
from pathlib import Path

from served_lake import ServedLakeTest
from wire_client import WireClient, WireFailure

MIB = 1 << 20


class HealthyClients:
    """One client for each door, who ask all the time. Leaving it as a context says whether each answer was right; where
    they `may_lack_memory`, because somebody else has it all, that may be the answer, too.
    """

    SQL = "select count(*), sum(order_id), max(name) from shop.orders"
    ROW = ["100", "4950", "order 99"]

    def __init__(self, port, pg_port, may_lack_memory=False):
        self.may_lack_memory = may_lack_memory
        self.port, self.pg_port = port, pg_port
        self.answers = {"http": 0, "postgres": 0}
        self.wrong = []
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self.work, args=door) for door in (("http", self.ask_http), ("postgres", self.ask_pg))]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, kind, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()
        if kind is None:
            assert not self.wrong, self.wrong[:3]
            assert min(self.answers.values()) > 0, self.answers

    def work(self, door, ask):
        while not self.over.is_set() and not self.wrong:
            try:
                row = ask()
                if self.may_lack_memory and "SMELT-SQL-0006" in str(row):
                    continue
                if row != self.ROW:
                    self.wrong.append((door, row))
                self.answers[door] += 1
            except WireFailure as error:
                if not self.may_lack_memory or error.state != "53200":
                    self.wrong.append((door, str(error)))
            except Exception as error:
                self.wrong.append((door, repr(error)))
            time.sleep(0.01)

    def ask_http(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request("POST", "/api/v1/sql", json.dumps({"sql": self.SQL}), {"Content-Type": "application/json"})
            response = connection.getresponse()
            body = json.loads(response.read())
            return [str(value) for value in body["rows"][0]] if response.status == 200 else body
        finally:
            connection.close()

    def ask_pg(self):
        with WireClient(self.pg_port, {}) as client:
            return client.query(self.SQL)[0]


class WatchedServerTest(ServedLakeTest):
    def healthy(self, **may):
        return HealthyClients(self.port, self.pg_port, **may)

    def open_files(self, process):
        return len(self.names_of_open_files(process))

    @staticmethod
    def names_of_open_files(process):
        """Without those that the engine spills to: it keeps one for each size of its blocks once it needed it."""
        names = []
        for path in Path(f"/proc/{process.pid}/fd").iterdir():
            try:
                names.append(os.readlink(path))
            except FileNotFoundError:
                continue  # closed meanwhile
        return [name for name in sorted(names) if "/smelt-spill-" not in name]

    @staticmethod
    def memory(process):
        """Resident bytes."""
        return int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    @staticmethod
    def processor_seconds(process):
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def await_that(self, what, holds, patience_s=60):
        until = time.monotonic() + patience_s
        while not holds():
            self.assertLess(time.monotonic(), until, what() if callable(what) else what)
            time.sleep(0.05)

    def await_baseline(self, process, files, memory=None, beyond=64 * MIB):
        """Waits until a server has no more open files than it had, and not much more memory."""
        self.await_that(lambda: f"{files} files were open before, now {self.names_of_open_files(process)}", lambda: self.open_files(process) <= files)
        if memory is not None:
            self.await_that(
                lambda: f"{self.memory(process) // MIB} MiB, {memory // MIB} before",
                lambda: self.memory(process) <= memory + beyond,
            )

    def await_idle(self, process):
        """Waits until nothing is at work any more: whose client is gone has ended."""

        def rests():
            before = self.processor_seconds(process)
            time.sleep(0.5)
            return self.processor_seconds(process) - before < 0.1

        self.await_that("something is still at work", rests)
