"""Work on more rows than the memory limit holds: it spills and finishes, within the limit."""

import os
import subprocess
import unittest

from smelt_program import PROGRAM, LakeTest, environment, query, smelt_ok

ROWS = 3_000_000  # without a limit, clustering takes 900 MiB and merging 600
LIMIT_MIB = 250
# What the program needs beside the engine's memory: itself, and what readers and writers of files hold outside of it.
BESIDE_MIB = 250


class MemoryLimitTest(LakeTest):
    def setUp(self):
        super().setUp()
        smelt_ok(
            "sql",
            "--lake",
            self.lake,
            "-c",
            f"create table t as select i as id, hash(i) % {ROWS} as place, md5(i::varchar) as key,"
            f" md5((i + 1)::varchar) || md5((i + 2)::varchar) as text from range({ROWS}) r(i)",
        )

    def within(self, sql):
        """Runs statements under the limit; the peak memory of the program, in MiB."""
        command = [PROGRAM, "sql", "--lake", self.lake, "--memory-limit", f"{LIMIT_MIB}MiB", "-c", sql]
        with open(self.folder / "output", "w+", encoding="utf-8") as output:
            process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment())
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0)
            self.assertEqual(process.returncode, 0, output.read())
        return usage.ru_maxrss / 1024

    def assert_within(self, sql):
        self.assertLess(self.within(sql), LIMIT_MIB + BESIDE_MIB, sql)

    def sums(self, table="t"):
        (row,) = query(
            self.lake, f"select count(*) as n, sum(id) as ids, sum(place) as places, count(distinct id) as d from {table}"
        )
        return row

    def test_clustering_a_table(self):
        before = self.sums()
        self.assert_within("call optimize('t', zorder => ['place', 'key'])")
        self.assertEqual(self.sums(), before)

    def test_merging_many_rows(self):
        before = self.sums()
        self.assert_within(
            "merge into t using (select id + 1 as id, repeat(text, 4) as wide from t where id % 2 = 0) as s on t.id = s.id"
            " when matched then update set text = left(s.wide, 64)"
        )
        after = self.sums()
        self.assertEqual({**after, "places": 0}, {**before, "places": 0})
        (changed,) = query(
            self.lake, "select count(*) as n from t where text <> md5((id + 1)::varchar) || md5((id + 2)::varchar)"
        )
        self.assertEqual(changed["n"], ROWS // 2)

    def test_copying_a_table(self):
        self.assert_within("call clone('t', 'copy')")
        self.assertEqual(self.sums("copy"), self.sums())


if __name__ == "__main__":
    unittest.main()
