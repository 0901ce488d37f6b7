"""Promotion into a bucket, and from one bucket into another: what readers and other engines see of it.

Runs within `tools/services/versitygw.sh run`, which sets the server's address and keys.
"""

import json
import os
import random
import signal
import time
import unittest
import uuid

from deltalake import DeltaTable

import s3_server
from smelt_program import LakeTest, environment, smelt, smelt_ok, start

BUCKET = "smelt-releases"
STEP = "update gold.orders set batch = {0}; update gold.payments set batch = {0}"
LOOK = "select (select max(batch) from gold.orders) as orders, (select max(batch) from gold.payments) as payments"
KEYS = ("AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
STORAGE = {name: os.environ.get(name, "") for name in KEYS}


class PromotionBucketTest(LakeTest):
    def setUp(self):
        super().setUp()
        self.server = s3_server.connect(BUCKET)
        self.prefix = f"{BUCKET}/{uuid.uuid4()}"
        self.addCleanup(self.delete_objects)
        self.prod = f"s3://{self.prefix}/prod"
        self.env = {**environment(), "XDG_STATE_HOME": str(self.folder / "state")}
        self.sql(self.lake, "create table gold.orders with ('delta.enableDeletionVectors' = 'true') as"
                 " select i as id, 0 as batch, i % 2 as part from range(300) r(i)")  # fmt: skip
        self.sql(self.lake, "create table gold.payments as select i as id, 0 as batch from range(300) r(i);"
                 " create view gold.paid as select * from gold.orders join gold.payments using (id)")  # fmt: skip

    def delete_objects(self):
        for path in s3_server.files(self.server, self.prefix):
            self.server.delete_file(path)

    def sql(self, lake, text):
        return smelt_ok("sql", "--lake", lake, "-c", text, "--format", "json", env=self.env).stdout

    def release(self, command, *arguments, lake=None):
        printed = smelt_ok("release", command, "--lake", lake or self.prod, "--json", *arguments, env=self.env).stdout
        return [json.loads(line) for line in printed.splitlines()]

    def promote(self, source=None, lake=None):
        return self.release("promote", "--from", source or self.lake, "--force", "a test", lake=lake)[-1]

    def batches(self, lake=None):
        (row,) = json.loads(self.sql(lake or self.prod, LOOK))
        return (row["orders"], row["payments"])

    def batches_in_logs(self):
        """What those see who know nothing of releases; deltalake reads no tables with deletion vectors."""
        (row,) = json.loads(self.sql(self.prod, f"select max(batch) as batch from delta_scan('{self.prod}/gold/orders')"))
        table = DeltaTable(f"{self.prod}/gold/payments", storage_options={**STORAGE, "AWS_ALLOW_HTTP": "true"})
        return (row["batch"], max(table.to_pyarrow_table()["batch"].to_pylist()))

    def test_from_a_folder_and_on_to_another_bucket(self):
        outcome = self.promote()
        self.assertEqual((outcome["published"], outcome["files_copied"], outcome["files_linked"]), (True, 2, 0))
        self.assertEqual(self.batches(), (0, 0))
        before = s3_server.files(self.server, self.prefix)
        self.assertFalse(self.promote()["published"])
        self.assertEqual(s3_server.files(self.server, self.prefix), before)

        self.sql(self.lake, "delete from gold.orders where part = 1")
        self.sql(self.lake, STEP.format(1))
        self.promote()
        self.assertEqual((self.batches(), self.batches_in_logs()), ((1, 1), (1, 1)))
        self.assertEqual(json.loads(self.sql(self.prod, "select count(*) as n from gold.paid")), [{"n": 150}])

        other = f"s3://{self.prefix}/other"
        self.promote(source=self.prod, lake=other)
        self.assertEqual(self.batches(other), (1, 1))
        self.release("rollback")
        self.assertEqual((self.batches(), self.batches_in_logs()), ((0, 0), (0, 0)))
        self.assertEqual(json.loads(self.sql(self.prod, "select count(*) as n from gold.paid")), [{"n": 300}])
        self.promote(source=self.prod, lake=other)
        self.assertEqual(self.batches(other), (0, 0))
        refused = smelt("sql", "--lake", self.prod, "-c", "delete from gold.orders", env=self.env)
        self.assertIn("belongs to release", refused.stderr)

    def test_a_promotion_that_is_killed_anywhere_leaves_a_release(self):
        self.promote()
        self.sql(self.lake, STEP.format(1))
        begin = time.monotonic()
        self.promote()
        seconds = time.monotonic() - begin
        chance, current = random.Random(11), 1
        for number in range(2, 8):
            self.sql(self.lake, STEP.format(number))
            process = start("release", "promote", "--from", self.lake, "--lake", self.prod, "--force", "a test", env=self.env)
            time.sleep(seconds * chance.uniform(0.3, 1.0))
            if process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)
            process.wait()
            process.stdout.close()
            seen = self.batches()
            self.assertIn(seen, ((current, current), (number, number)))
            current = seen[0]
        self.promote()
        self.assertEqual((self.batches(), self.batches_in_logs()), ((7, 7), (7, 7)))


if __name__ == "__main__":
    unittest.main()
