"""The lake's folder disappears during a run: a clear error, no crash, and the next run makes everything anew."""

import os
import random
import shutil
import time
import unittest

from smelt_program import LakeTest, small_data, smelt_ok, start

ATTEMPTS = 6
# A run that was through already, or had not begun, may succeed.
SUCCEEDED, MISUSED, FAILED = 0, 2, 3


class LakeRemovedTest(LakeTest):
    def setUp(self):
        super().setUp()
        self.arguments = ("demo", "--data", small_data(), "--lake")
        self.undisturbed = self.folder / "undisturbed"
        began = time.monotonic()
        smelt_ok(*self.arguments, self.undisturbed)
        self.whole_run_s = time.monotonic() - began

    def run_and(self, remove):
        """Starts a run, has `remove` take its lake away at a random moment, and returns exit code and output."""
        process = start(*self.arguments, self.lake)
        time.sleep(random.uniform(0.2, 0.9) * self.whole_run_s)
        remove()
        output, _ = process.communicate(timeout=300)
        shutil.rmtree(self.lake, ignore_errors=True)
        return process.returncode, output

    def assert_next_run_is_whole(self):
        smelt_ok(*self.arguments, self.lake)
        self.assert_same_tables(self.undisturbed, self.lake)
        shutil.rmtree(self.lake)

    def test_lake_moved_away_during_a_run(self):
        failed = 0
        for attempt in range(ATTEMPTS):
            with self.subTest(attempt=attempt):
                away = self.folder / f"away-{attempt}"
                code, output = self.run_and(lambda: self.lake.exists() and os.rename(self.lake, away))
                self.assertIn(code, (SUCCEEDED, FAILED), output)
                if code == FAILED:
                    failed += 1
                    self.assertIn("SMELT-STORE-0007", output)
                    self.assertIn(str(self.lake), output)
        self.assertGreater(failed, 0, "no run noticed that its lake was gone")
        self.assert_next_run_is_whole()

    def test_lake_deleted_during_a_run(self):
        """Deleting takes a while: what fails first may be a table that is gone while others are still there."""
        failed = 0
        for attempt in range(ATTEMPTS):
            with self.subTest(attempt=attempt):
                code, output = self.run_and(lambda: shutil.rmtree(self.lake, ignore_errors=True))
                self.assertIn(code, (SUCCEEDED, MISUSED, FAILED), output)
                if code != SUCCEEDED:
                    failed += 1
                    self.assertRegex(output, r"SMELT-(STORE|DELTA|STATE|SQL)-\d{4}")
        self.assertGreater(failed, 0, "no run noticed that its lake was gone")
        self.assert_next_run_is_whole()


if __name__ == "__main__":
    unittest.main()
