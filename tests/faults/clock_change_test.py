"""Clocks that change under a running scheduler: summer time begins and ends, somebody sets the clock. Every instant that was
due has one run, whatever the clock did, and none is lost.
"""

import os
import random
import signal
import sqlite3
import time
import unittest
from datetime import datetime, timedelta, timezone

from shifted_clock import ShiftedClock
from smelt_program import LakeTest, smelt_ok, start

SEED = int(os.environ.get("CLOCK_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)
TASKS = "tasks: [{name: work, type: wait, with: {for: 0s}}]\n"


def hours(begin, end):
    at, times = datetime.fromisoformat(begin), []
    while at < datetime.fromisoformat(end):
        times.append(at.isoformat())
        at += timedelta(hours=1)
    return times


class ClockChangeTest(LakeTest):
    def setUp(self):
        super().setUp()
        self.project = self.folder / "project"
        (self.project / "pipelines").mkdir(parents=True)
        (self.project / "smelt.yml").write_text("name: clocks\n")
        self.place = ("--project-dir", self.project, "--lake", self.lake)

    def define(self, name, text):
        (self.project / f"pipelines/{name}.yml").write_text(f"name: {name}\n{text}{TASKS}")

    def clock(self, at, rate=1):
        self.now = ShiftedClock(self.folder / "clock", at, rate)

    def scheduler(self, lease="10s"):
        """A scheduler that lives by the clock, once it leads or stands by."""
        process = start("scheduler", *self.place, "--json", "--lease", lease, env=self.now.environment())
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        self.assertIn("scheduler.", process.stdout.readline())
        return process

    def drain(self, process):
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 0, output)

    def runs(self, name, status="succeeded"):
        """The instants of a pipeline's runs, ascending, each as often as it has runs."""
        with sqlite3.connect(self.lake / "_smelt/state.db", timeout=60) as database:
            rows = database.execute(
                "select scheduled_us from runs where pipeline = ? and status = ? order by 1", (name, status)
            ).fetchall()
        return [datetime.fromtimestamp(row[0] // 10**6, timezone.utc).replace(tzinfo=None).isoformat() for row in rows]

    def await_runs(self, name, count, patience_s=120):
        until = time.monotonic() + patience_s
        while len(self.runs(name)) < count:
            self.assertLess(time.monotonic(), until, f"{name} has only the runs {self.runs(name)}")
            time.sleep(0.02)

    def live_through(self, begin, end_hours, expected):
        """Lets a scheduler live from `begin` on, 40,000 times as fast, until all runs there should be have been."""
        self.define("daily", f"schedule: '30 2 * * *'\ntimezone: Europe/Berlin\ncatchup: true\nstart: {begin}Z\n")
        self.define("hourly", f"schedule: '0 * * * *'\ntimezone: Europe/Berlin\ncatchup: true\nstart: {begin}Z\n"
                              f"end: {end_hours}Z\n")  # fmt: skip
        self.clock(begin, rate=40_000)
        scheduler = self.scheduler(lease="100h")
        self.await_runs("daily", len(expected))
        self.await_runs("hourly", len(hours(begin, end_hours)))
        self.drain(scheduler)
        self.assertEqual(self.runs("daily")[: len(expected)], expected)
        self.assertEqual(self.runs("hourly"), hours(begin, end_hours))

    def test_the_day_on_which_summer_time_begins(self):
        # At two o'clock of the 31st clocks show three: 02:30 counts as that moment.
        self.live_through("2024-03-29T12:00:00", "2024-04-01T12:00:00",
                          ["2024-03-30T01:30:00", "2024-03-31T01:00:00", "2024-04-01T00:30:00", "2024-04-02T00:30:00"])  # fmt: skip

    def test_the_day_on_which_summer_time_ends(self):
        # 02:30 of the 27th comes twice and counts once, the first time.
        self.live_through("2024-10-25T12:00:00", "2024-10-28T12:00:00",
                          ["2024-10-26T00:30:00", "2024-10-27T00:30:00", "2024-10-28T01:30:00", "2024-10-29T01:30:00"])  # fmt: skip

    def test_a_clock_that_is_set_back_by_an_hour(self):
        self.define("minutes", "every: 1m\n")
        self.define("asked", "")
        self.clock("2024-05-24T12:00:57")
        scheduler = self.scheduler()
        self.await_runs("minutes", 1)
        self.now.set("2024-05-24T11:01:58")
        # It goes on with what people ask for, and repeats no instant of the hour that comes again.
        smelt_ok("pipeline", "trigger", "asked", *self.place, env=self.now.environment())
        self.await_runs("asked", 1)
        time.sleep(3)
        self.assertEqual(self.runs("minutes"), ["2024-05-24T12:01:00"])
        self.now.set("2024-05-24T12:01:58")
        self.await_runs("minutes", 2)
        self.drain(scheduler)
        self.assertEqual(self.runs("minutes"), ["2024-05-24T12:01:00", "2024-05-24T12:02:00"])

    def test_a_clock_that_is_set_forward_by_a_day(self):
        self.define("all", "every: 1h\ncatchup: true\nstart: 2024-05-24T12:00:00Z\n")
        self.define("last", "schedule: '30 * * * *'\n")
        self.clock("2024-05-24T12:45:00")
        scheduler = self.scheduler()
        self.await_runs("all", 1)
        self.now.set("2024-05-25T12:45:00")
        self.await_runs("all", 25)
        self.await_runs("last", 1)
        self.drain(scheduler)
        self.assertEqual(self.runs("all"), hours("2024-05-24T12:00:00", "2024-05-25T12:30:00"))
        self.assertEqual(self.runs("last"), ["2024-05-25T12:30:00"])

    def test_a_clock_that_was_far_ahead_and_is_right_again(self):
        self.define("minutes", "every: 1m\n")
        self.clock("2031-01-01T00:00:57")
        scheduler = self.scheduler()
        self.await_runs("minutes", 1)
        self.now.set("2024-05-24T12:00:57")
        self.await_runs("minutes", 2)
        self.drain(scheduler)
        self.assertEqual(self.runs("minutes"), ["2024-05-24T12:01:00", "2031-01-01T00:01:00"])

    def test_a_clock_that_is_set_again_and_again_under_two_schedulers(self):
        moments = random.Random(SEED)
        begin, end = "2024-05-24T00:00:00", "2024-05-26T00:00:00"
        for name in ("one", "two"):
            self.define(name, f"every: 1h\ncatchup: true\nstart: {begin}Z\nend: {end}Z\n")
        self.clock(begin)
        with self.subTest(f"CLOCK_SEED={SEED}"):
            running = [self.scheduler("1s"), self.scheduler("1s")]
            at = datetime.fromisoformat(begin)
            while at < datetime.fromisoformat(end):
                # Three steps forward, one back, in the middle of whatever is going on.
                at += timedelta(minutes=moments.uniform(20, 150) * (1 if moments.random() < 0.75 else -0.7))
                self.now.set(at.replace(microsecond=0).isoformat())
                time.sleep(moments.uniform(0.0, 0.12))
            self.now.set("2024-05-26T00:00:01")
            for name in ("one", "two"):
                self.await_runs(name, 48)
            for process in running:
                self.drain(process)
            for name in ("one", "two"):
                self.assertEqual(self.runs(name), hours(begin, end))

    def test_the_end_of_a_pipeline_is_seen_after_the_clock_was_set_back(self):
        self.define("first", "")
        self.define("second", "on: [{pipeline: first}]\n")
        self.clock("2024-05-24T12:00:00")
        scheduler = self.scheduler()
        for ended, at in enumerate(("2024-05-24T12:00:00", "2024-05-24T09:00:00", "2024-05-24T10:00:00"), 1):
            self.now.set(at)
            smelt_ok("pipeline", "trigger", "first", *self.place, env=self.now.environment())
            self.await_runs("first", ended)
            self.await_runs("second", ended)
        self.drain(scheduler)

    def test_one_scheduler_takes_over_from_another_after_the_clock_was_set_back(self):
        self.define("minutes", "every: 1m\n")
        self.define("asked", "")
        self.clock("2024-05-24T12:00:57")
        leader, other = self.scheduler("1s"), self.scheduler("1s")
        self.await_runs("minutes", 1)
        self.now.set("2024-05-24T11:00:57")
        time.sleep(1)
        leader.kill()
        smelt_ok("pipeline", "trigger", "asked", *self.place, env=self.now.environment())
        self.await_runs("asked", 1)
        self.now.set("2024-05-24T12:01:58")
        self.await_runs("minutes", 2)
        self.drain(other)
        self.assertEqual(self.runs("minutes"), ["2024-05-24T12:01:00", "2024-05-24T12:02:00"])


if __name__ == "__main__":
    unittest.main()
