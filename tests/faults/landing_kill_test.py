"""kill -9 at random moments of a load of projects/landing, and loads that race on the same keys: the tables must be those of an
undisturbed load, and each file archived or rejected once."""

import os
import random
import shutil
import signal
import time
import unittest

from landing_files import copy_of_the_project, drops, is_broken, names_in, rows_there
from smelt_program import LakeTest, query, smelt_ok, start

KILLS = 50
ROUNDS = 12
SEED = int(os.environ.get("KILL_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)
# Files and rows of quarantine and of those that wait: by where they came from.
REFUSED = """select source_file, line, rule, raw_text from (select * from quarantine.products union all by name
    select * from quarantine.orders union all by name select * from quarantine.order_items) order by all"""
HELD = "select order_id, product_id, source_file, source_line from held.order_items order by all"


class LandingKillTest(LakeTest):
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.files = sorted(drops(rate="400").glob("*.csv"))
        undisturbed = copy_of_the_project(self.folder / "undisturbed")
        self.drop(undisturbed)
        began = time.monotonic()
        smelt_ok(*self.ingest(undisturbed, self.folder / "undisturbed-lake"))
        self.whole_run_s = time.monotonic() - began
        self.expected = self.state(undisturbed, self.folder / "undisturbed-lake")

    def ingest(self, project, lake):
        return ("ingest", "--project-dir", project, "--lake", lake)

    def drop(self, project):
        for path in self.files:
            shutil.copy(path, project / "raw" / path.name)

    def state(self, project, lake):
        """All that a load leaves: tables, refused rows, rows that wait, zones."""
        zones = {zone: names_in(project / zone) for zone in ("raw", "archive", "rejected")}
        return rows_there(lake), query(lake, REFUSED), query(lake, HELD), zones

    def assert_as_undisturbed(self, project, lake):
        found = self.state(project, lake)
        for name, here, there in zip(("tables", "refused", "held", "zones"), found, self.expected, strict=True):
            self.assertEqual(here, there, name)

    def test_killed_loads_lose_and_repeat_nothing(self):
        moments = random.Random(SEED)
        killed = 0
        for attempt in range(KILLS):
            project, lake = copy_of_the_project(self.folder / "project"), self.folder / "lake"
            self.drop(project)
            pause_s = moments.uniform(0, self.whole_run_s)
            with self.subTest(f"KILL_SEED={SEED}, kill {attempt} after {pause_s:.3f} s"):
                process = start(*self.ingest(project, lake), start_new_session=True)
                time.sleep(pause_s)
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
                killed += process.returncode == -signal.SIGKILL
                smelt_ok(*self.ingest(project, lake))
                self.assert_as_undisturbed(project, lake)
            shutil.rmtree(project)
            shutil.rmtree(lake, ignore_errors=True)
        self.assertGreater(killed, KILLS // 2, "most loads ended before they were killed")

    def test_drops_that_race_on_the_same_keys_lose_no_update(self):
        """Changes of the same orders in several folders, loaded into one lake by processes that run at once."""
        header = "order_id,user_id,order_date,channel,ordered_at,status,total,updated_at"
        moments = random.Random(SEED)
        changes = [(order, minute) for order in range(40) for minute in range(ROUNDS)]
        moments.shuffle(changes)
        projects = [copy_of_the_project(self.folder / f"racer-{i}") for i in range(3)]
        lake = self.folder / "raced"
        for round_ in range(ROUNDS):
            part = changes[round_::ROUNDS]
            for i, project in enumerate(projects):
                rows = [
                    f"O20250301-{order:06},U000001,2025-03-01,web,2025-03-01T10:00:00Z,placed,{minute},2025-03-01T10:{minute:02}:00Z"
                    for order, minute in part[i :: len(projects)]
                ]
                (project / f"raw/orders_{round_}_{i}.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
            running = [start(*self.ingest(project, lake)) for project in projects]
            for process in running:
                output, _ = process.communicate(timeout=120)
                self.assertEqual(process.returncode, 0, output)
        newest = {(f"O20250301-{order:06}",): f"{ROUNDS - 1}.00" for order in range(40)}
        found = query(lake, "select order_id, total::varchar as total from processed.orders")
        self.assertEqual({(row["order_id"],): row["total"] for row in found}, newest)
        for project in projects:
            self.assertEqual(len(names_in(project / "archive")), ROUNDS)

    def test_the_drops_have_what_is_hard(self):
        self.assertTrue(any(is_broken(path) for path in self.files))
        self.assertTrue(self.expected[1] and self.expected[2])


if __name__ == "__main__":
    unittest.main()
