"""The alert routes of projects/physical, with receivers on loopback: mail, Slack and PagerDuty hear of a failure and of its end."""

import json
import shutil
import unittest

from physical_files import base_and_days, copy_of_the_project
from receivers import HttpReceiver, MailReceiver
from smelt_program import LakeTest, environment, smelt, smelt_ok


class PhysicalAlertsTest(LakeTest):
    def setUp(self):
        super().setUp()
        self.project = copy_of_the_project(self.folder / "project")
        self.data = self.project / "data"
        self.data.mkdir()

    def test_a_failure_reaches_mail_slack_and_pagerduty(self):
        receiver, mails = HttpReceiver(), MailReceiver()
        self.addCleanup(receiver.close)
        self.addCleanup(mails.close)
        settings = self.project / "smelt.yml"
        text = settings.read_text(encoding="utf-8")
        for old, new in {
            "host: smtp.example.com": f"host: 127.0.0.1\n      port: {mails.port}\n      tls: none",
            "      username: physical\n      password: {env: PHYSICAL_SMTP_PASSWORD}\n": "",
            "{type: pagerduty,": f"{{type: pagerduty, url: '{receiver.url}/pager',",
        }.items():
            self.assertIn(old, text)
            text = text.replace(old, new)
        settings.write_text(text, encoding="utf-8")
        shutil.copytree(base_and_days()[0], self.data / "base")
        (self.data / "base/orders.csv").write_text("order,customer\n1,2\n", encoding="utf-8")
        secrets = environment() | {"PHYSICAL_SLACK_WEBHOOK_URL": f"{receiver.url}/slack", "PHYSICAL_PAGERDUTY_ROUTING_KEY": "k"}
        place = ("--project-dir", self.project, "--lake", self.lake)
        self.assertNotEqual(smelt("pipeline", "run", "data_ingestion", *place, env=secrets).returncode, 0)
        self.assertIn("orders.csv", json.dumps(receiver.taken("/slack")))
        (paged,) = receiver.taken("/pager")
        self.assertEqual((paged["event_action"], paged["routing_key"]), ("trigger", "k"))
        self.assertEqual(len(mails.messages), 1)
        self.assertIn("orders.csv", mails.messages[0][2].get_body(("plain",)).get_content())
        # All is well again, which those who were told are told.
        shutil.copy(base_and_days()[0] / "orders.csv", self.data / "base/orders.csv")
        smelt_ok("pipeline", "run", "data_ingestion", *place, env=secrets)
        self.assertEqual([event["event_action"] for event in receiver.taken("/pager")], ["trigger", "resolve"])


if __name__ == "__main__":
    unittest.main()
