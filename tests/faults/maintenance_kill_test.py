"""kill -9 at random moments of optimize and vacuum: the rows stay as they are, and the next vacuum clears up."""

import os
import random
import signal
import time
import unittest

from smelt_program import LakeTest, folder_of, query, scalar, smelt_ok, start

KILLS = 30
FILES = 12
ROWS_PER_FILE = 40_000
SEED = int(os.environ.get("KILL_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)

OPTIMIZE = ("table", "optimize", "main.t", "--zorder", "a,b", "--target-file-bytes", "400000")
VACUUM = ("table", "vacuum", "main.t", "--retain-hours", "0", "--force")


class MaintenanceKillTest(LakeTest):
    def setUp(self):
        super().setUp()
        inserts = "".join(
            f"insert into t select range % 3, (hash(range) % 1000)::bigint, range from"
            f" range({number * ROWS_PER_FILE}, {(number + 1) * ROWS_PER_FILE});"
            for number in range(FILES)
        )
        smelt_ok("sql", "--lake", self.lake, "-c", f"create table t (a bigint, b bigint, c bigint);{inserts}")
        self.expected = self.figures()

    def figures(self):
        return query(self.lake, "select count(*), sum(a), sum(b), sum(c), sum(hash(a, b, c))::varchar from t")

    def data_files(self):
        return [path for path in folder_of(self.lake, "main.t").glob("*.parquet")]

    def run_and_kill(self, command, whole_run_s, moments):
        """Whether the run was still going on when it was killed."""
        process = start(*command, "--lake", self.lake, start_new_session=True)
        time.sleep(moments.uniform(0, whole_run_s))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return process.returncode == -signal.SIGKILL

    def test_killed_runs_change_no_row(self):
        moments = random.Random(SEED)
        whole_run_s = {}
        for command in (OPTIMIZE, VACUUM):
            began = time.monotonic()
            smelt_ok(*command, "--lake", self.lake)
            whole_run_s[command] = time.monotonic() - began
        killed = attempt = 0
        while killed < KILLS and attempt < 10 * KILLS:
            attempt += 1
            command = moments.choice((OPTIMIZE, OPTIMIZE, VACUUM))
            with self.subTest(f"KILL_SEED={SEED}, kill {attempt} of {command[1]}"):
                if self.run_and_kill(command, whole_run_s[command], moments):
                    killed += 1
                else:
                    whole_run_s[command] *= 0.8  # it takes less than it did: aim earlier
                self.assertEqual(self.figures(), self.expected)
                self.assertEqual(scalar(self.lake, "select count(*) from fsck('t') where problem = 'missing'"), 0)
        self.assertEqual(killed, KILLS, "most runs ended before they were killed")
        smelt_ok(*OPTIMIZE, "--lake", self.lake)
        smelt_ok(*VACUUM, "--lake", self.lake)
        self.assertEqual(len(self.data_files()), scalar(self.lake, "select files from table_detail('t')"))
        self.assertEqual(self.figures(), self.expected)


if __name__ == "__main__":
    unittest.main()
