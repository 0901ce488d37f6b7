"""kill -9 at random moments of the pipeline, then the same command again: the tables must be those of an undisturbed run."""

import os
import random
import shutil
import signal
import time
import unittest

from smelt_program import LakeTest, contents, small_data, smelt_ok, start

KILLS = 50
KILLS_IN_A_ROW = 10
# How many moments there are to be killed at depends on the steps, not on the rows.
SCALE = "0.002"
# What was checked when is a record of the runs, the killed one among them.
RECORDS = ("quality.results",)
SEED = int(os.environ.get("KILL_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)


class KillTest(LakeTest):
    def setUp(self):
        super().setUp()
        self.arguments = ("demo", "--data", small_data(SCALE), "--lake")
        self.undisturbed = self.folder / "undisturbed"
        began = time.monotonic()
        smelt_ok(*self.arguments, self.undisturbed)
        self.whole_run_s = time.monotonic() - began
        self.expected = self.contents_of(self.undisturbed)

    def contents_of(self, lake):
        return {table: found for table, found in contents(lake).items() if table not in RECORDS}

    def run_and_kill(self, pause_s):
        """Whether the run was still going on when it was killed."""
        process = start(*self.arguments, self.lake, start_new_session=True)
        time.sleep(pause_s)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return process.returncode == -signal.SIGKILL

    def assert_next_run_completes(self):
        smelt_ok(*self.arguments, self.lake)
        if self.contents_of(self.lake) != self.expected:
            self.assert_same_tables(self.undisturbed, self.lake, but=RECORDS)  # says what differs
            self.fail("the digests of the tables differ, their rows do not")

    def test_killed_runs_leave_no_trace(self):
        moments = random.Random(SEED)
        killed = 0
        for attempt in range(KILLS):
            pause_s = moments.uniform(0, self.whole_run_s)
            with self.subTest(f"KILL_SEED={SEED}, kill {attempt} after {pause_s:.3f} s"):
                killed += self.run_and_kill(pause_s)
                self.assert_next_run_completes()
            shutil.rmtree(self.lake, ignore_errors=True)
        self.assertGreater(killed, KILLS // 2, "most runs ended before they were killed")

    def test_killed_again_and_again(self):
        """Each run is killed a little later than the one before, on one lake."""
        for step in range(KILLS_IN_A_ROW):
            self.run_and_kill(self.whole_run_s * (step + 1) / (KILLS_IN_A_ROW + 1))
        self.assert_next_run_completes()


if __name__ == "__main__":
    unittest.main()
