"""The lake's folder disappears during a run: a clear error, no crash, and the next run makes everything anew."""

import random
import shutil
import time
import unittest

from smelt_program import LakeTest, small_data, smelt_ok, start

ATTEMPTS = 8


class LakeRemovedTest(LakeTest):
    def test_lake_removed_during_a_run(self):
        arguments = ("demo", "--data", small_data(), "--lake")
        undisturbed = self.folder / "undisturbed"
        began = time.monotonic()
        smelt_ok(*arguments, undisturbed)
        whole_run_s = time.monotonic() - began
        failed = 0
        for attempt in range(ATTEMPTS):
            with self.subTest(attempt=attempt):
                process = start(*arguments, self.lake)
                time.sleep(random.uniform(0.2, 0.9) * whole_run_s)
                shutil.rmtree(self.lake, ignore_errors=True)
                output, _ = process.communicate(timeout=300)
                # A run that was through already, or had not begun, may succeed.
                self.assertIn(process.returncode, (0, 3), output)
                if process.returncode == 3:
                    failed += 1
                    self.assertRegex(output, r"SMELT-(STORE|DELTA|STATE)-\d{4}")
                shutil.rmtree(self.lake, ignore_errors=True)
                smelt_ok(*arguments, self.lake)
                self.assert_same_tables(undisturbed, self.lake)
            shutil.rmtree(self.lake, ignore_errors=True)
        self.assertGreater(failed, 0, "no run noticed that its lake was gone")


if __name__ == "__main__":
    unittest.main()
