"""Pipelines begun by HTTP calls to a real scheduler: who may call, what a call may ask for, what it is answered."""

import base64
import hashlib
import hmac
import time
import unittest

from http_caller import HttpCallTest
from smelt_program import environment, smelt, smelt_ok

RUNS = "/api/v1/pipelines/{}/runs"
SERVER = {"Authorization": "Bearer the-token-of-the-server"}
OWN = {"Authorization": "Bearer the-token-of-a-pipeline"}


class HttpCallsTest(HttpCallTest):
    def setUp(self):
        super().setUp()
        self.out = self.folder / "out.txt"
        command = f"echo '{{{{ params.day }}}} {{{{ run.triggered_by }}}}' >> {self.out}"
        self.define("reload", "on: [http: ]\nparams: {day: {type: date}}\ntasks:\n"
                              f"  - {{name: tell, type: shell, with: {{command: \"{command}\"}}}}\n")  # fmt: skip
        self.define("own", "on: [http: {token: {env: OWN_TOKEN}}]\ntasks: [{name: a, type: wait, with: {for: 0s}}]\n")
        self.define("signed", "on: [http: {signing_key: {env: SIGN}}]\ntasks: [{name: a, type: wait, with: {for: 0s}}]\n")
        self.secrets = {"OWN_TOKEN": "the-token-of-a-pipeline", "SIGN": "the key"}

    def await_end(self, url, headers=()):
        until = time.monotonic() + 60
        while True:
            status, _, standing = self.call("GET", url, headers=headers)
            self.assertEqual(status, 200, standing)
            if standing["status"] not in ("queued", "running"):
                return standing
            self.assertLess(time.monotonic(), until, standing)
            time.sleep(0.02)

    def test_a_call_begins_a_run_and_tells_how_it_stands(self):
        scheduler = self.start_scheduler(**self.secrets)
        status, headers, answer = self.call("POST", RUNS.format("reload"), {"params": {"day": "2018-05-24"}, "note": "n"},
                                            {"Idempotency-Key": "k1"})  # fmt: skip
        self.assertEqual(status, 202, answer)
        self.assertEqual(headers["Location"], answer["url"])
        standing = self.await_end(answer["url"])
        self.assertEqual(standing["status"], "succeeded", standing)
        self.assertEqual([task["name"] for task in standing["tasks"]], ["tell"])
        self.assertEqual((standing["note"], standing["triggered_by"]), ("n", "http"))
        self.assertEqual(self.out.read_text(), "2018-05-24 http\n")
        status, headers, again = self.call("POST", RUNS.format("reload"), {"params": {"day": "2018-05-24"}, "note": "n"},
                                           {"Idempotency-Key": "k1"})  # fmt: skip
        self.assertEqual((status, again, headers["Idempotency-Replayed"]), (202, answer, "true"))
        status, _, problem = self.call("POST", RUNS.format("reload"), {"params": {"day": "soon"}})
        self.assertEqual((status, problem["errors"][0]["pointer"]), (422, "/params/day"))
        self.drain(scheduler)
        self.assertEqual(self.out.read_text(), "2018-05-24 http\n")
        self.assertIn("http", smelt_ok("pipeline", "list", *self.place).stdout)

    def test_those_who_watch_get_their_answers(self):
        scheduler = self.start_scheduler(**self.secrets)
        self.assertEqual(self.call("GET", "/healthz")[::2], (200, "ok\n"))
        self.assertEqual(self.call("GET", "/readyz")[::2], (200, "ready\n"))
        answer = self.call("POST", RUNS.format("reload"), {"params": {"day": "2018-05-24"}})[2]
        self.await_end(answer["url"])
        status, headers, text = self.call("GET", "/metrics")
        self.assertEqual(status, 200, text)
        self.assertTrue(headers["Content-Type"].startswith("text/plain; version=0.0.4"), headers)
        self.assertIn('pipeline="reload"', text)
        status, headers, _ = self.call("DELETE", "/metrics")
        self.assertEqual((status, headers["Allow"]), (405, "GET, HEAD"))
        self.assertEqual(self.call("HEAD", "/metrics")[::2], (200, ""))
        self.drain(scheduler)

    def test_the_token_of_the_server_and_that_of_a_pipeline(self):
        scheduler = self.start_scheduler("--bind", "0.0.0.0", SMELT_HTTP_TOKEN="the-token-of-the-server", **self.secrets)
        body = {"params": {"day": "2018-05-24"}}
        status, headers, _ = self.call("POST", RUNS.format("reload"), body)
        self.assertEqual((status, headers["WWW-Authenticate"]), (401, 'Bearer realm="smelt"'))
        self.assertEqual(self.call("POST", RUNS.format("reload"), body, SERVER)[0], 202)
        self.assertEqual(self.call("POST", RUNS.format("reload"), body, OWN)[0], 401)
        self.assertEqual(self.call("GET", "/metrics")[0], 401)
        self.assertEqual(self.call("GET", "/metrics", headers=SERVER)[0], 200)
        self.assertEqual(self.call("GET", "/healthz")[0], 200)
        self.assertEqual(self.call("POST", RUNS.format("own"), {}, OWN)[0], 202)
        self.assertEqual(self.call("POST", RUNS.format("own"), {})[0], 401)
        self.assertEqual(self.call("POST", RUNS.format("nothing"), {})[0], 401)
        self.drain(scheduler)
        for log in (self.lake / "_smelt/logs").rglob("*.log"):
            text = log.read_text()
            for secret in ("the-token-of-the-server", "the-token-of-a-pipeline"):
                self.assertNotIn(secret, text, log)

    def test_a_signed_call_counts_once(self):
        scheduler = self.start_scheduler(**self.secrets)
        at, body = str(int(time.time())), b'{"note": "signed"}'
        mac = hmac.new(b"the key", b"m1." + at.encode() + b"." + body, hashlib.sha256).digest()
        signed = {"webhook-id": "m1", "webhook-timestamp": at,
                  "webhook-signature": "v1," + base64.b64encode(mac).decode()}  # fmt: skip
        status, _, first = self.call("POST", RUNS.format("signed"), body, signed)
        self.assertEqual(status, 202, first)
        self.assertEqual(self.call("POST", RUNS.format("signed"), body, signed)[2], first)
        self.assertEqual(self.call("POST", RUNS.format("signed"), b'{"note": "other"}', signed)[0], 401)
        self.await_end(first["url"])
        self.drain(scheduler)

    def test_a_paused_pipeline_keeps_its_calls(self):
        scheduler = self.start_scheduler(**self.secrets)
        smelt_ok("pipeline", "pause", "reload", *self.place)
        answer = self.call("POST", RUNS.format("reload"), {"params": {"day": "2018-05-24"}})[2]
        time.sleep(0.5)
        self.assertEqual(self.call("GET", answer["url"])[2]["status"], "queued")
        smelt_ok("pipeline", "resume", "reload", *self.place)
        self.assertEqual(self.await_end(answer["url"])["status"], "succeeded")
        self.drain(scheduler)

    def test_what_cannot_be_opened_says_why(self):
        def refused(*arguments, **variables):
            result = smelt("scheduler", *self.place, *arguments, env=environment() | self.secrets | variables)
            self.assertEqual(result.returncode, 2, result.stdout)
            return result.stderr

        self.assertIn("SMELT_HTTP_TOKEN", refused("--http-port", "0", "--bind", "0.0.0.0"))
        self.assertIn("too short", refused("--http-port", "0", SMELT_HTTP_TOKEN="short"))
        self.assertIn("own.yml:2", refused("--http-port", "0", OWN_TOKEN=""))
        self.assertIn("--http-port", refused("--bind", "127.0.0.1"))
        self.start_scheduler(**self.secrets)
        self.assertIn("cannot listen", refused("--http-port", str(self.port)))

    def test_it_ends_with_the_calls_that_it_has(self):
        scheduler = self.start_scheduler(**self.secrets)
        self.call("POST", RUNS.format("own"), {}, OWN)
        self.drain(scheduler)
        with self.assertRaises(OSError):
            self.call("GET", "/healthz")


if __name__ == "__main__":
    unittest.main()
