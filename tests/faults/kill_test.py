"""kill -9 at random moments of the pipeline, then the same command again: the tables must be those of an undisturbed run."""

import os
import random
import shutil
import signal
import time
import unittest

from smelt_program import LakeTest, small_data, smelt_ok, start

KILLS = 50
# What was checked when is a record of the runs, the killed one among them.
RECORDS = ("quality.results",)
SEED = int(os.environ.get("KILL_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)


class KillTest(LakeTest):
    def test_killed_runs_leave_no_trace(self):
        arguments = ("demo", "--data", small_data(), "--lake")
        undisturbed = self.folder / "undisturbed"
        began = time.monotonic()
        smelt_ok(*arguments, undisturbed)
        whole_run_s = time.monotonic() - began

        moments = random.Random(SEED)
        killed = 0
        for attempt in range(KILLS):
            pause_s = moments.uniform(0, whole_run_s)
            with self.subTest(f"KILL_SEED={SEED}, kill {attempt} after {pause_s:.3f} s"):
                process = start(*arguments, self.lake, start_new_session=True)
                time.sleep(pause_s)
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
                killed += process.returncode == -signal.SIGKILL
                smelt_ok(*arguments, self.lake)
                self.assert_same_tables(undisturbed, self.lake, but=RECORDS)
            shutil.rmtree(self.lake, ignore_errors=True)
        self.assertGreater(killed, KILLS // 2, "most runs ended before they were killed")

    def test_killed_again_and_again(self):
        """Each run is killed a little later than the one before, on one lake."""
        arguments = ("demo", "--data", small_data(), "--lake")
        undisturbed = self.folder / "undisturbed"
        began = time.monotonic()
        smelt_ok(*arguments, undisturbed)
        whole_run_s = time.monotonic() - began
        for step in range(10):
            process = start(*arguments, self.lake, start_new_session=True)
            time.sleep(whole_run_s * (step + 1) / 11)
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        smelt_ok(*arguments, self.lake)
        self.assert_same_tables(undisturbed, self.lake, but=RECORDS)


if __name__ == "__main__":
    unittest.main()
