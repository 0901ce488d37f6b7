"""Two processes write the same table on an S3 server at the same time: every commit counts, no row is lost.

Runs within `tools/services/versitygw.sh run`, which sets the server's address and keys.
"""

import csv
import io
import json
import re
import unittest
import uuid

import s3_server
from smelt_program import smelt_ok, sql_side_by_side

BUCKET = "smelt-writers"
COMMITS_EACH = 30
UPDATES_EACH = 10
DELETES_EACH = 15


class S3WritersTest(unittest.TestCase):
    def setUp(self):
        self.server = s3_server.connect(BUCKET)
        self.prefix = f"{BUCKET}/lake-{uuid.uuid4()}"
        self.lake = f"s3://{self.prefix}"
        self.addCleanup(self.delete_lake)

    def delete_lake(self):
        for path in s3_server.files(self.server, self.prefix):
            self.server.delete_file(path)

    def run_sql(self, script):
        output = smelt_ok("sql", "--lake", self.lake, "-c", script, "--format", "csv").stdout
        return list(csv.DictReader(io.StringIO(output)))

    def commits(self):
        """The actions of each version, in order."""
        found = {}
        for path in s3_server.files(self.server, self.prefix):
            name = re.search(r"/main/t/_delta_log/(\d{20})\.json$", path)
            if name:
                lines = self.server.open_input_file(path).read().decode().splitlines()
                found[int(name[1])] = [json.loads(line) for line in lines]
        self.assertEqual(sorted(found), list(range(len(found))), "versions without gaps")
        return [found[version] for version in sorted(found)]

    def test_inserts(self):
        self.run_sql("create table t (writer int, n int)")
        sql_side_by_side(
            self.lake,
            ["; ".join(f"insert into t values ({writer}, {n})" for n in range(COMMITS_EACH)) for writer in (1, 2)],
        )
        rows = self.run_sql("select writer, count(*) as n, count(distinct n) as different from t group by 1 order by 1")
        each = str(COMMITS_EACH)
        self.assertEqual(rows, [{"writer": writer, "n": each, "different": each} for writer in ("1", "2")])
        log = self.commits()
        self.assertEqual(len(log), 2 * COMMITS_EACH + 1)
        self.assertTrue(all(sum("add" in action for action in actions) == 1 for actions in log[1:]))

    def test_updates_of_one_row(self):
        """Each update reads what the other wrote: a lost one would leave the sum too small."""
        self.run_sql("create table t (n int); insert into t values (0)")
        sql_side_by_side(self.lake, ["; ".join(["update t set n = n + 1"] * UPDATES_EACH)] * 2)
        self.assertEqual(self.run_sql("select n from t"), [{"n": str(2 * UPDATES_EACH)}])

    def test_deletes_of_different_rows_of_one_file(self):
        """With deletion vectors, each delete keeps what the other deleted."""
        self.run_sql(
            "create table t with ('delta.enableDeletionVectors' = 'true') as select range as n from range(1000)"
        )
        sql_side_by_side(
            self.lake,
            ["; ".join(f"delete from t where n = {n}" for n in range(writer, 2 * DELETES_EACH, 2)) for writer in (0, 1)],
        )
        rows = self.run_sql("select count(*) as n, min(n) as first from t")
        self.assertEqual(rows, [{"n": str(1000 - 2 * DELETES_EACH), "first": str(2 * DELETES_EACH)}])


if __name__ == "__main__":
    unittest.main()
