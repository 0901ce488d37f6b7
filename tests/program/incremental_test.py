"""A run costs what changed: nothing new means no commit, one more day of files means that day, and what comes out is what
a full build over all files makes."""

import shutil
import unittest
from pathlib import Path

from smelt_program import LakeTest, query, small_data, smelt_ok, versions

EXTRA_DAYS = 2
OLIST = Path(__file__).resolve().parents[2] / "projects" / "olist"


class IncrementalTest(LakeTest):
    def generate_days(self):
        """The daily drops after the base period, as a list of folders."""
        drops = self.folder / "generated"
        smelt_ok("generate", "olist", "--scale", "0.02", "--seed", "7", "--extra-days", EXTRA_DAYS, "--no-base", "--out", drops)
        return sorted(path for path in drops.iterdir() if path.is_dir())

    def copy_base(self):
        data = self.folder / "data"
        shutil.copytree(small_data(), data)
        return data

    def test_second_run_commits_nothing(self):
        smelt_ok("demo", "--data", small_data(), "--lake", self.lake)
        before = versions(self.lake)
        again = smelt_ok("demo", "--data", small_data(), "--lake", self.lake)
        self.assertEqual(versions(self.lake), before)
        # The warnings about so little data do not count as work.
        self.assertIn("warning", again.stdout)
        self.assertIn("nothing to do, everything is up to date", again.stdout)

    def test_further_days_are_added_to_what_is_there(self):
        data = self.copy_base()
        smelt_ok("demo", "--data", data, "--lake", self.lake)
        for day in self.generate_days():
            rows_before = query(self.lake, "select count(*) as n from bronze.orders")[0]["n"]
            shutil.copytree(day, data / day.name)
            smelt_ok("demo", "--data", data, "--lake", self.lake)
            with open(day / "olist_orders_dataset.csv", encoding="utf-8") as file:
                new_rows = sum(1 for _ in file) - 1
            rows = query(self.lake, "select count(*) as n from bronze.orders")[0]["n"]
            self.assertEqual(rows, rows_before + new_rows)
        rebuilt = self.folder / "rebuilt"
        shutil.copytree(self.lake, rebuilt)
        smelt_ok("build", "--project-dir", OLIST, "--lake", rebuilt, "--full-refresh")
        # The rebuilt tables were audited again, at versions of their own.
        self.assert_same_tables(self.lake, rebuilt, but=("quality.results",))
        at_once = self.folder / "at-once"
        smelt_ok("demo", "--data", data, "--lake", at_once)
        # What was seen on which day is history that a later start cannot know.
        self.assert_same_tables(self.lake, at_once, but=("*_history", "quality.results"))

    def test_same_seed_gives_the_same_lake(self):
        other = self.folder / "other"
        for lake in (self.lake, other):
            smelt_ok("demo", "--scale", "0.01", "--seed", "3", "--lake", lake)
        self.assert_same_tables(self.lake, other)


if __name__ == "__main__":
    unittest.main()
