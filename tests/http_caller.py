"""Calls to the HTTP port of a scheduler, with Python's own client."""

import http.client
import json
import os
import signal
import threading

from smelt_program import LakeTest, environment, start


class HttpCallTest(LakeTest):
    """A project whose scheduler takes calls; `start_scheduler` says where by itself."""

    def setUp(self):
        super().setUp()
        self.project = self.folder / "project"
        (self.project / "pipelines").mkdir(parents=True)
        (self.project / "smelt.yml").write_text("name: calls\n")
        self.place = ("--project-dir", self.project, "--lake", self.lake)

    def define(self, name, text):
        (self.project / f"pipelines/{name}.yml").write_text(f"name: {name}\n{text}")

    def start_scheduler(self, *arguments, **variables):
        process = start("scheduler", *self.place, "--json", "--http-port", "0", *arguments,
                        env=environment() | variables, start_new_session=True)  # fmt: skip
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        line = process.stdout.readline()
        self.assertIn("scheduler.listening", line, line + (process.stdout.read() if process.poll() is not None else ""))
        self.port = int(json.loads(line)["url"].rpartition(":")[2])
        # What it prints is read all along: a pipe that is full would hold it up.
        process.reader = threading.Thread(target=lambda: [process.printed.append(line) for line in process.stdout])
        process.printed = []
        process.reader.start()
        return process

    def kill(self, process):
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.reader.join()

    def drain(self, process):
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=60), 0, process.printed)
        process.reader.join()

    def call(self, method, path, body=None, headers=()):
        """The status, the headers and the body, which is JSON where it says so."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            headers = {"Content-Type": "application/json"} | dict(headers)
            connection.request(method, path, body if isinstance(body, bytes | None) else json.dumps(body), headers)
            response = connection.getresponse()
            text = response.read().decode()
            is_json = "json" in (response.getheader("Content-Type") or "")
            return response.status, dict(response.getheaders()), json.loads(text) if is_json and text else text
        finally:
            connection.close()
