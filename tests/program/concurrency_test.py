"""Two runs on one lake at once, and runs that are interrupted: one at a time, nothing half-written, and a way on."""

import os
import signal
import time
import unittest

from smelt_program import ROOT, LakeTest, contents, small_data, smelt, smelt_ok, start, tables, versions

SCALE = "0.01"
RECORDS = ("quality.results",)


class ConcurrencyTest(LakeTest):
    def setUp(self):
        super().setUp()
        self.demo = ("demo", "--data", small_data(SCALE), "--lake", self.lake)

    def start_and_await_bronze(self):
        """A run that has committed its first table and has most of its work before it."""
        process = start(*self.demo)
        deadline = time.monotonic() + 60
        while not tables(self.lake) and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        self.assertIsNone(process.poll(), "the run ended before it could be disturbed")
        return process

    def undisturbed(self):
        lake = self.folder / "undisturbed"
        smelt_ok("demo", "--data", small_data(SCALE), "--lake", lake)
        return {table: found for table, found in contents(lake).items() if table not in RECORDS}

    def assert_lake_is_whole(self):
        found = {table: each for table, each in contents(self.lake).items() if table not in RECORDS}
        self.assertEqual(found, self.undisturbed())

    def test_second_run_is_refused_with_the_name_of_the_first(self):
        first = self.start_and_await_bronze()
        second = smelt(*self.demo)
        output, _ = first.communicate(timeout=120)
        self.assertEqual(first.returncode, 0, output)
        if "SMELT-STATE-0004" not in second.stderr:
            self.fail(f"exit {second.returncode}: {second.stdout}{second.stderr}")
        self.assertEqual(second.returncode, 3)
        self.assertIn(f"process {first.pid}", second.stderr)
        self.assertRegex(second.stderr, r"run \d{8}T\d{6}Z-[0-9a-f]{6}")
        self.assert_lake_is_whole()

    def interrupted(self, number):
        process = self.start_and_await_bronze()
        process.send_signal(number)
        output, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, output)
        self.assertIn("interrupted", output)
        return versions(self.lake)

    def test_interrupted_by_the_keyboard(self):
        self.interrupted(signal.SIGINT)
        smelt_ok(*self.demo)
        self.assert_lake_is_whole()

    def test_terminated_and_resumed(self):
        before = self.interrupted(signal.SIGTERM)
        project = ROOT / "projects/olist"
        resumed = smelt_ok(
            "pipeline", "run", "daily", "--resume", "--project-dir", project, "--lake", self.lake,
            "--data", small_data(SCALE),
        )  # fmt: skip
        self.assertIn("resumed from", resumed.stdout)
        for table, version in before.items():
            if table.startswith("bronze."):
                self.assertEqual(versions(self.lake)[table], version, f"{table} was loaded again")
        self.assert_lake_is_whole()

    def test_interrupted_statement(self):
        smelt_ok("sql", "--lake", self.lake, "-c", "create table main.t as select 1 as i")
        before = versions(self.lake)
        endless = "insert into main.t select count(*)::int from range(1000000) a, range(1000000) b"
        process = start("sql", "--lake", self.lake, "-c", endless)
        time.sleep(0.5)
        os.kill(process.pid, signal.SIGINT)
        output, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, output)
        self.assertIn("SMELT-BASE-0002", output)
        self.assertEqual(versions(self.lake), before)
        left = [path for path in (self.lake / "main/t").glob("*.parquet")]
        self.assertEqual(len(left), 1, "files of the interrupted statement stayed behind")


if __name__ == "__main__":
    unittest.main()
