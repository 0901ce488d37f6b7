"""Lineage events arrive in a Kafka topic, in order and with one key for a run, as OpenLineage's own clients send them."""

import json
import os
import time
import unittest
import uuid

from confluent_kafka import Consumer
from smelt_program import LakeTest, environment, smelt, smelt_ok

SERVERS = os.environ["KAFKA_BOOTSTRAP_SERVERS"]


def read_topic(topic):
    """The messages of a topic up to the end of a run, as pairs of key and event."""
    settings = {"bootstrap.servers": SERVERS, "group.id": str(uuid.uuid4()), "auto.offset.reset": "earliest"}
    consumer = Consumer(settings)
    consumer.subscribe([topic])
    messages = []
    give_up_at = time.monotonic() + 60
    while time.monotonic() < give_up_at:
        message = consumer.poll(1)
        if message is None or message.error():
            continue
        event = json.loads(message.value())
        messages.append((message.key().decode(), event))
        if event["job"]["name"] == "daily" and event["eventType"] != "START":
            break
    consumer.close()
    return messages


class LineageKafkaTest(LakeTest):
    def setUp(self):
        super().setUp()
        self.project = self.folder / "shop"
        smelt_ok("init", self.project)

    def run_pipeline(self, config):
        lines = "".join(f'    {name}: "{value}"\n' for name, value in config.items())
        text = f"transport:\n  type: kafka\n  topic: {self.id()}\n  config:\n{lines}"
        (self.project / "openlineage.yml").write_text(text, encoding="utf-8")
        variables = environment() | {"HOME": str(self.folder)}
        result = smelt("pipeline", "run", "daily", "--project-dir", self.project, env=variables)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return result

    def test_events_of_a_run_come_in_order(self):
        self.assertNotIn("lineage", self.run_pipeline({"bootstrap.servers": SERVERS, "acks": "all"}).stderr)
        messages = read_topic(self.id())
        self.assertEqual({key for key, _ in messages}, {"run:shop/daily"})
        events = [event for _, event in messages]
        self.assertEqual((events[0]["job"]["name"], events[0]["eventType"]), ("daily", "START"))
        self.assertEqual((events[-1]["job"]["name"], events[-1]["eventType"]), ("daily", "COMPLETE"))
        runs = {}
        for event in events:
            runs.setdefault(event["run"]["runId"], []).append(event["eventType"])
        self.assertEqual(set(map(tuple, runs.values())), {("START", "COMPLETE")})

    def test_a_cluster_that_is_not_there_stops_nothing(self):
        result = self.run_pipeline({"bootstrap.servers": "127.0.0.1:9", "message.timeout.ms": "500"})
        self.assertRegex(result.stderr, r"lineage events were not delivered: Kafka's topic")


if __name__ == "__main__":
    unittest.main()
