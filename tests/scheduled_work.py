"""What schedulers owe whatever is done to them: every instant has one run, every task that succeeded ran once, none is lost."""

import time
from collections import Counter


class ScheduledWork:
    """Part of a test of two pipelines, one and two, whose tasks append a line that ends with their name to <name>.txt.

    The test says how many `instants` a pipeline has, the names of its `tasks`, and how `records` of the state are queried
    and how many runs have succeeded (`settled`).
    """

    instants = 0
    tasks = ()

    def await_all(self, patience_s=300):
        until = time.monotonic() + patience_s
        while self.settled() < 2 * self.instants and time.monotonic() < until:
            time.sleep(0.1)

    def check(self):
        succeeded = self.records("select pipeline, scheduled_us, count(*) from runs where status = 'succeeded' group by 1, 2")
        self.assertEqual(len(succeeded), 2 * self.instants, self.records("select status, count(*) from runs group by 1"))
        self.assertEqual({count for _, _, count in succeeded}, {1}, "an instant had two runs that succeeded")
        begun = self.records("select count(*) from runs where resumed_from = ''")
        self.assertEqual(begun[0][0], 2 * self.instants, "an instant was begun twice")
        worked = self.records(
            "select r.pipeline, r.scheduled_us, t.name, count(*) from tasks t join runs r on r.id = t.run_id "
            "where t.status = 'done' and t.reused_from = '' group by 1, 2, 3"
        )
        self.assertEqual(len(worked), 2 * self.instants * len(self.tasks), "a task is lost")
        self.assertEqual({count for *_, count in worked}, {1}, "a task that succeeded ran again")
        died = Counter(
            self.records("select r.pipeline, t.name from tasks t join runs r on r.id = t.run_id where t.status = 'died'")
        )
        for name in ("one", "two"):
            lines = Counter((self.folder / f"{name}.txt").read_text().split("\n"))
            lines.pop("", None)
            self.assertEqual(len(lines), self.instants * len(self.tasks), "some work was never done")
            for task in self.tasks:
                again = sum(count - 1 for line, count in lines.items() if line.endswith(f" {task}"))
                self.assertLessEqual(again, died[(name, task)], "work was repeated whose attempt did not die")
