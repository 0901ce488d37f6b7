"""Alerts arrive: at a mail server with TLS and login, and at HTTP receivers, read with the libraries of their makers."""

import contextlib
import json
import os
import signal
import sqlite3
import ssl
import time
import unittest

import trustme
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event
from cloudevents.core.formats.json import JSONFormat
from receivers import HttpReceiver, MailReceiver
from slack_sdk.models.blocks import Block
from smelt_program import LakeTest, environment, smelt, smelt_ok, start
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

LOGIN = ("alerts", "pass word: 'ünïcode'")
SIGNING_KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SECRETS = {"MAIL_PASSWORD": LOGIN[1], "HOOK_KEY": SIGNING_KEY, "PAGER_KEY": "R0UT1NGKEY", "HOOK_TOKEN": "Bearer t0ken"}
ORDERS = "order_id,customer,ordered_at,status,amount\n"


class AlertsTest(LakeTest):
    def setUp(self):
        super().setUp()
        self.project = self.folder / "shop"
        smelt_ok("init", self.project)
        # The suite judges what was published: a task of its own fails.
        pipeline = self.project / "pipelines/daily.yml"
        text = pipeline.read_text(encoding="utf-8").replace("{select: silver}", "{select: silver, audit: false}")
        pipeline.write_text(text, encoding="utf-8")
        authority = trustme.CA()
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("127.0.0.1", "localhost").configure_cert(self.context)
        authority.cert_pem.write_to_path(str(self.project / "ca.pem"))
        self.http = HttpReceiver()
        self.addCleanup(self.http.close)
        self.secrets = SECRETS | {"SLACK_URL": self.http.url + "/slack/T0/B0/token"}

    def mail_server(self, **settings):
        server = MailReceiver(self.context, **settings)
        self.addCleanup(server.close)
        return server

    def configure(self, channels, routes, more=""):
        """Writes smelt.yml with these notifications: YAML of the channels and of the routes."""
        text = "name: shop\nlake: lake\nnotifications:\n  link: 'https://runs.example.com/{pipeline}/{run_id}'\n" + more
        lines = ["  channels:", *("    " + line for line in channels), "  routes:", *("    - " + line for line in routes)]
        (self.project / "smelt.yml").write_text(text + "\n".join(lines) + "\n", encoding="utf-8")

    def http_channels(self):
        retries = "retries: {attempts: 3, delay: 10ms}"
        return [
            f"team: {{type: slack, url: {{env: SLACK_URL}}, {retries}}}",
            f"pager: {{type: pagerduty, url: '{self.http.url}/pager', routing_key: {{env: PAGER_KEY}}, {retries}}}",
            f"hook: {{type: webhook, url: '{self.http.url}/hook', secret: {{env: HOOK_KEY}},"
            f" headers: {{Authorization: {{env: HOOK_TOKEN}}}}, {retries}}}",
        ]

    def mail_channel(self, server, tls, more=""):
        return (
            f"mail: {{type: email, host: localhost, port: {server.port}, tls: {tls}, from: 'smelt <alerts@example.com>',"
            f" to: ['Ops Ü <ops@example.com>', 'second@example.com'], retries: {{attempts: 2, delay: 10ms}}{more}}}"
        )

    def run_pipeline(self, expected, *arguments):
        return self.call("pipeline", "run", "daily", *arguments, expected=expected)

    def call(self, *arguments, expected=0):
        result = smelt(*arguments, "--project-dir", self.project, env=environment() | self.secrets)
        self.assertEqual(result.returncode, expected, result.stdout + result.stderr)
        return result

    def break_data(self):
        """An order that the contract lets in and the suite of silver does not."""
        self.write_order("late.csv", "7,zoe@example.com,2026-01-05 10:00:00,paid,20000.00")

    def mend_data(self):
        self.write_order("orders_mended.csv", "7,zoe@example.com,2026-01-05 10:00:00,paid,20.00")

    def write_order(self, name, line):
        name = name if name.startswith("orders") else "orders_" + name
        (self.project / "data" / name).write_text(ORDERS + line + "\n", encoding="utf-8")

    def state_files(self):
        return [path for path in (self.project / "lake/_smelt").rglob("*") if path.is_file()]

    def test_an_incident_from_begin_to_end(self):
        mail = self.mail_server(tls="starttls", login=LOGIN)
        login = ", username: alerts, password: {env: MAIL_PASSWORD}, ca_file: ca.pem"
        channels = [*self.http_channels(), self.mail_channel(mail, "starttls", login)]
        self.configure(channels, ["{channels: [mail, team, pager, hook], severity: error}"])
        self.run_pipeline(0)
        self.assertEqual(self.http.requests, [], "nothing is wrong")
        self.break_data()
        self.run_pipeline(1)
        self.run_pipeline(1)
        self.mend_data()
        self.run_pipeline(0)
        self.check_mail(mail)
        self.check_slack()
        self.check_pager()
        self.check_hook()
        for path in self.state_files():
            for secret in (*self.secrets.values(), LOGIN[1]):
                self.assertNotIn(secret.encode(), path.read_bytes(), path)

    def check_mail(self, server):
        self.assertEqual(len(server.messages), 2, "the second failure is the same incident")
        (sender, recipients, failed, secure), (_, _, resolved, _) = server.messages
        self.assertTrue(secure)
        self.assertEqual((sender, recipients), ("alerts@example.com", ["ops@example.com", "second@example.com"]))
        self.assertEqual(failed["Subject"], "[Failed] shop daily: suite orders_silver failed")
        self.assertEqual(failed["To"].addresses[0].display_name, "Ops Ü")
        self.assertEqual(failed.get_content_type(), "multipart/alternative")
        plain = failed.get_body(("plain",)).get_content()
        self.assertIn("amount expect_column_values_to_be_between", plain)
        self.assertIn("20000", plain)
        self.assertRegex(plain, r"Last good run: +\d{8}T\d{6}Z-")
        self.assertIn("https://runs.example.com/daily/", plain)
        self.assertIn("<h2", failed.get_body(("html",)).get_content())
        self.assertEqual(failed["References"], resolved["References"], "one thread")
        self.assertNotEqual(failed["Message-ID"], resolved["Message-ID"])
        self.assertTrue(resolved["Subject"].startswith("[Resolved] shop daily: good again"), resolved["Subject"])

    def check_slack(self):
        messages = self.http.taken("/slack/T0/B0/token")
        self.assertEqual(len(messages), 2)
        for message in messages:
            self.assertTrue(message["text"])
            for block in Block.parse_all(message["blocks"]):
                block.validate_json()
        self.assertIn("suite orders_silver", json.dumps(messages[0]))

    def check_pager(self):
        failed, resolved = self.http.taken("/pager")
        self.assertEqual((failed["event_action"], resolved["event_action"]), ("trigger", "resolve"))
        self.assertEqual(failed["dedup_key"], resolved["dedup_key"])
        self.assertEqual(failed["routing_key"], resolved["routing_key"])
        self.assertEqual(failed["payload"]["severity"], "error")
        self.assertLessEqual({"summary", "source", "timestamp", "custom_details"}, failed["payload"].keys())

    def check_hook(self):
        requests = [request for request in self.http.requests if request[0] == "/hook"]
        self.assertEqual(len(requests), 2)
        kinds = []
        for _, headers, body, _ in requests:
            self.assertEqual(headers["Authorization"], SECRETS["HOOK_TOKEN"])
            signed = {name.lower(): value for name, value in headers.items()}
            Webhook(SIGNING_KEY).verify(body, signed)
            with self.assertRaises(WebhookVerificationError):
                Webhook(SIGNING_KEY).verify(body + b" ", signed)
            event = from_structured_event(HTTPMessage(headers=headers, body=body), event_format=JSONFormat())
            kinds.append(event.get_type())
            self.assertEqual(event.get_specversion(), "1.0")
            self.assertEqual(event.get_data()["pipeline"], "daily")
        self.assertEqual(kinds, ["smelt.alert.trigger", "smelt.alert.resolve"])

    def test_mail_over_tls_and_by_a_plain_server(self):
        for tls, more in (("tls", ", ca_file: ca.pem"), ("none", "")):
            with self.subTest(tls):
                server = self.mail_server(tls="tls" if tls == "tls" else None)
                self.configure([self.mail_channel(server, tls, more)], ["{channels: mail}"])
                self.call("alerts", "test", "mail")
                self.assertEqual([secure for *_, secure in server.messages], [tls == "tls"])

    def test_a_mail_server_that_cannot_be_trusted_gets_nothing(self):
        tls = self.mail_server(tls="tls")
        self.configure([self.mail_channel(tls, "tls")], ["{channels: mail}"])
        self.assertIn("certificate", self.call("alerts", "test", expected=3).stderr)
        plain = self.mail_server()
        self.configure([self.mail_channel(plain, "starttls")], ["{channels: mail}"])
        self.assertIn("STARTTLS", self.call("alerts", "test", expected=3).stderr)
        self.assertEqual(tls.messages + plain.messages, [])

    def test_refusals_of_a_mail_server(self):
        server = self.mail_server(tls="starttls", login=LOGIN)
        login = ", username: alerts, password: {env: MAIL_PASSWORD}, ca_file: ca.pem"
        self.configure([self.mail_channel(server, "starttls", login)], ["{channels: mail}"])
        self.secrets["MAIL_PASSWORD"] = "wrong"
        result = self.call("alerts", "test", expected=3)
        self.assertIn("check the username and the password", result.stderr)
        self.assertNotIn("wrong", result.stdout + result.stderr)
        self.secrets["MAIL_PASSWORD"] = LOGIN[1]
        server.refused.add("second@example.com")
        self.assertIn("550", self.call("alerts", "test", expected=3).stderr)

    def test_what_fails_for_now_is_sent_again_and_once(self):
        self.configure(self.http_channels(), ["{channels: [hook]}"])
        self.break_data()
        self.http.answers = [503, 429]
        self.run_pipeline(1)
        self.assertEqual([status for *_, status in self.http.requests], [503, 429, 200])
        ids = {json.loads(body)["id"] for _, _, body, _ in self.http.requests}
        self.assertEqual(len(ids), 1, "a receiver knows it again")
        self.call("alerts", "send")
        self.assertEqual(len(self.http.requests), 3)

    def test_a_receiver_that_asks_for_time_gets_it(self):
        self.configure(self.http_channels(), ["{channels: [hook]}"])
        self.break_data()
        self.http.answers, self.http.headers = [429], {"Retry-After": "3600"}
        self.run_pipeline(1)
        self.call("alerts", "send")
        self.assertEqual([status for *_, status in self.http.requests], [429])
        (waiting,) = [json.loads(line) for line in self.call("alerts", "list", "--json").stdout.splitlines() if "channel" in line]
        self.assertIn("retry after 3600", waiting["error"])

    def test_the_scheduler_tells_of_its_runs(self):
        self.configure(self.http_channels(), ["{channels: [hook]}"])
        self.break_data()
        scheduler = start("scheduler", "--project-dir", self.project, env=environment() | self.secrets)
        try:
            self.call("pipeline", "trigger", "daily")
            self.wait_for("select count(*) from deliveries where status = 'sent'")
        finally:
            scheduler.send_signal(signal.SIGTERM)
            output = scheduler.communicate(timeout=60)
        self.assertEqual(scheduler.returncode, 0, output)
        (event,) = self.http.taken("/hook")
        self.assertEqual(event["type"], "smelt.alert.trigger")
        self.call("alerts", "send")
        self.assertEqual(len(self.http.requests), 1, "it is told once")

    def test_dead_letters_wait_for_a_retry(self):
        self.configure(self.http_channels(), ["{channels: [team, hook]}"])
        self.break_data()
        del self.secrets["SLACK_URL"]
        self.http.answers = [410]
        result = self.run_pipeline(1)
        self.assertIn("smelt alerts retry", result.stderr)
        letters = list((self.project / "lake/_smelt").glob("*dead_letters/*.json"))
        self.assertEqual({json.loads(letter.read_text())["channel"] for letter in letters}, {"team", "hook"})
        listed = [json.loads(line) for line in self.call("alerts", "list", "--dead", "--json").stdout.splitlines()]
        self.assertEqual({line["channel"]: line["attempts"] for line in listed}, {"team": 1, "hook": 1})
        self.secrets["SLACK_URL"] = self.http.url + "/slack"
        self.call("alerts", "retry")
        self.assertEqual((len(self.http.taken("/slack")), len(self.http.taken("/hook"))), (1, 1))
        self.assertEqual(list((self.project / "lake/_smelt").glob("*dead_letters/*.json")), [])
        self.assertIn("no dead letter 999", self.call("alerts", "retry", "999", expected=2).stderr)

    def test_failing_rows_are_shown_masked(self):
        test = self.project / "tests"
        test.mkdir(exist_ok=True)
        (test / "cheap.sql").write_text("select customer, amount from {{ ref('orders') }} where amount > 15000", encoding="utf-8")
        self.configure(self.http_channels(), ["{channels: [hook]}"])
        self.break_data()
        self.run_pipeline(1)
        (event,) = self.http.taken("/hook")
        self.assertNotIn("zoe", json.dumps(event))
        (problem,) = [one for one in event["data"]["problems"] if one["kind"] == "test"]
        (sample,) = problem["samples"]
        self.assertEqual((sample["columns"], sample["rows"]), (["customer", "amount"], [["z***@***", "20000.0"]]))

    def test_what_a_suite_refused_is_shown(self):
        pipeline = self.project / "pipelines/daily.yml"
        pipeline.write_text(pipeline.read_text(encoding="utf-8").replace(", audit: false", ""), encoding="utf-8")
        self.configure(self.http_channels(), ["{channels: [hook]}"])
        self.break_data()
        self.run_pipeline(1)
        (event,) = self.http.taken("/hook")
        (problem,) = event["data"]["problems"]
        self.assertEqual((problem["task"], problem["name"], problem["kind"]), ("silver", "silver.orders", "model"))
        self.assertEqual([sample["rows"] for sample in problem["samples"]], [[["20000.0"]]])

    def wait_for(self, query):
        """Waits until a query of the state database counts something."""
        database = self.project / "lake/_smelt/state.db"
        for _ in range(600):
            time.sleep(0.1)
            if not database.exists():
                continue
            with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
                with contextlib.suppress(sqlite3.OperationalError):
                    if connection.execute(query).fetchone()[0]:
                        return
        self.fail(query)

    def test_a_killed_run_is_told_by_the_next_command(self):
        self.configure(self.http_channels(), ["{channels: [hook]}"])
        (self.project / "pipelines/slow.yml").write_text(
            "name: slow\ntasks:\n  - {name: build, type: build, with: {select: wait}}\n", encoding="utf-8"
        )
        (self.project / "models/wait.sql").write_text(
            "{{ config(materialized='table') }}\n"
            "select count(*) as n from range(100000000) a, range(100000) b where (a.range * b.range) % 7 = 3",
            encoding="utf-8",
        )
        process = start("pipeline", "run", "slow", "--project-dir", self.project)
        self.wait_for("select count(*) from tasks where status = 'running'")
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        self.call("alerts", "send")
        (event,) = self.http.taken("/hook")
        self.assertEqual((event["data"]["run_status"], event["data"]["pipeline"]), ("died", "slow"))

    def test_a_task_that_tells(self):
        self.configure(self.http_channels(), ["{channels: [team]}"])
        (self.project / "pipelines/tell.yml").write_text(
            "name: tell\nvars: {city: Köln}\ntasks:\n"
            "  - {name: told, type: notify, with: {channels: [hook], message: 'Hello {city} {nobody}'}}\n",
            encoding="utf-8",
        )
        self.call("pipeline", "run", "tell")
        (event,) = self.http.taken("/hook")
        self.assertEqual(event["data"]["title"], "Hello Köln {nobody}")
        self.assertEqual(event["data"]["severity"], "info")

    def test_quiet_hours_hold_alerts_back(self):
        self.configure(self.http_channels(), ["{channels: [hook], quiet_hours: {from: '00:00', to: '24:00'}}"])
        self.break_data()
        self.run_pipeline(1)
        self.assertEqual(self.http.requests, [])
        listed = [json.loads(line) for line in self.call("alerts", "list", "--json").stdout.splitlines()]
        self.assertEqual([line["status"] for line in listed], ["open", "pending"])
        self.mend_data()
        self.run_pipeline(0)
        self.configure(self.http_channels(), ["{channels: [hook]}"])
        self.call("alerts", "send")
        self.assertEqual(self.http.requests, [], "it was over before anybody was to be told")

    def test_mistakes_name_line_and_cure(self):
        self.configure(self.http_channels(), ["{channels: [hok]}"])
        result = self.run_pipeline(2)
        self.assertIn("smelt.yml:10:", result.stderr)
        self.assertIn("did you mean 'hook'?", result.stderr)
        self.assertIn("did you mean 'team'?", self.call_with_channels("taem"))

    def call_with_channels(self, name):
        self.configure(self.http_channels(), ["{channels: [hook]}"])
        return self.call("alerts", "test", name, expected=2).stderr


if __name__ == "__main__":
    unittest.main()
