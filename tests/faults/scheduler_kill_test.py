"""kill -9 of schedulers at random moments: every instant has one run, every task that succeeded ran once, none is lost.

Two schedulers share a lake; one of them is killed again and again, whichever leads. Each task appends a line to a file when
its work is done. A task may have been killed between that line and its record; it then runs again, which the records tell:
the attempt is marked as died.
"""

import os
import random
import signal
import sqlite3
import time
import unittest

from scheduled_work import ScheduledWork
from smelt_program import LakeTest, start

KILLS = int(os.environ.get("SCHEDULER_KILLS", "25"))
SEED = int(os.environ.get("KILL_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)
INSTANTS = 40
PIPELINE = """
name: {name}
every: 1h
start: 2018-05-24T00:00:00Z
end: 2018-05-25T16:00:00Z
catchup: true
tasks:
  - {{name: a, type: shell, with: {{command: "sleep 0.02; echo $SMELT_SCHEDULED_AT a >> {done}"}}}}
  - {{name: b, type: shell, needs: a, with: {{command: "echo $SMELT_SCHEDULED_AT b >> {done}"}}}}
  - {{name: c, type: shell, needs: a, with: {{command: "sleep 0.01; echo $SMELT_SCHEDULED_AT c >> {done}"}}}}
  - {{name: d, type: shell, needs: [b, c], with: {{command: "echo $SMELT_SCHEDULED_AT d >> {done}"}}}}
"""


class SchedulerKillTest(ScheduledWork, LakeTest):
    instants = INSTANTS
    tasks = ("a", "b", "c", "d")

    def setUp(self):
        super().setUp()
        self.project = self.folder / "project"
        (self.project / "pipelines").mkdir(parents=True)
        (self.project / "smelt.yml").write_text("name: killed\n")
        self.done = self.folder / "done.txt"
        for name in ("one", "two"):
            (self.project / f"pipelines/{name}.yml").write_text(
                PIPELINE.format(name=name, done=self.folder / f"{name}.txt")
            )

    def scheduler(self):
        return start("scheduler", "--project-dir", self.project, "--lake", self.lake, "--lease", "500ms",
                     start_new_session=True)  # fmt: skip

    def at_work(self):
        """A scheduler that has said that it schedules or stands by: from then on it can be asked to end."""
        process = self.scheduler()
        self.assertTrue(process.stdout.readline())
        return process

    def records(self, sql):
        with sqlite3.connect(self.lake / "_smelt/state.db") as database:
            return database.execute(sql).fetchall()

    def settled(self):
        try:
            rows = self.records("select count(*) from runs where status = 'succeeded'")
        except sqlite3.OperationalError:
            return 0
        return rows[0][0]

    def kill(self, process):
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()

    def drain(self, process):
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, output)

    def test_killed_schedulers_lose_and_repeat_nothing(self):
        moments = random.Random(SEED)
        with self.subTest(f"KILL_SEED={SEED}"):
            running = [self.scheduler(), self.scheduler()]
            for _ in range(KILLS):
                time.sleep(moments.uniform(0.05, 0.8))
                victim = moments.randrange(2)
                self.kill(running[victim])
                running[victim] = self.scheduler()
                if self.settled() >= 2 * INSTANTS:
                    break
            for process in running:
                self.kill(process)
            running = [self.at_work(), self.at_work()]
            self.await_all()
            for process in running:
                self.drain(process)
            self.check()

    def test_drained_schedulers_lose_and_repeat_nothing(self):
        moments = random.Random(SEED)
        with self.subTest(f"KILL_SEED={SEED}"):
            for _ in range(8):
                process = self.at_work()
                time.sleep(moments.uniform(0.0, 0.7))
                self.drain(process)
                self.assertEqual(self.records("select count(*) from tasks where status in ('running', 'died')")[0][0], 0)
            process = self.at_work()
            self.await_all()
            self.drain(process)
            self.check()


if __name__ == "__main__":
    unittest.main()
