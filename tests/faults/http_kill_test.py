"""kill -9 of a scheduler while calls come in: what was answered 202 runs, a call that is made again under its key begins
nothing twice, and no key begins two runs.
"""

import http.client
import os
import random
import sqlite3
import threading
import time
import unittest

from http_caller import HttpCallTest

KILLS = int(os.environ.get("HTTP_KILLS", "12"))
SEED = int(os.environ.get("KILL_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)


class HttpKillTest(HttpCallTest):
    def caller(self):
        """Makes call after call, each until it is answered, and remembers the answers."""
        number = 0
        while not self.ended.is_set():
            number += 1
            key = f"call-{number}"
            while True:
                try:
                    status, _, answer = self.call("POST", "/api/v1/pipelines/job/runs", {"note": key},
                                                  {"Idempotency-Key": key})  # fmt: skip
                except (OSError, ValueError, http.client.HTTPException):
                    time.sleep(0.01)
                    if self.ended.is_set():
                        return
                    continue
                if status == 202:
                    self.answers.setdefault(key, set()).add(answer["run_id"])
                    break
                time.sleep(0.01)
            time.sleep(0.005)

    def records(self, sql):
        with sqlite3.connect(self.lake / "_smelt/state.db", timeout=60) as database:
            return database.execute(sql).fetchall()

    def test_what_was_answered_runs_once(self):
        moments = random.Random(SEED)
        self.answers, self.ended = {}, threading.Event()
        self.define("job", "on: [http: ]\ntasks: [{name: a, type: wait, with: {for: 0s}}]\n")
        with self.subTest(f"KILL_SEED={SEED}"):
            scheduler = self.start_scheduler("--lease", "500ms")
            thread = threading.Thread(target=self.caller)
            thread.start()
            try:
                for _ in range(KILLS):
                    time.sleep(moments.uniform(0.0, 0.3))
                    self.kill(scheduler)
                    scheduler = self.start_scheduler("--lease", "500ms")
            finally:
                self.ended.set()
                thread.join()
            self.assertGreater(len(self.answers), KILLS)
            until = time.monotonic() + 120
            waiting = "select count(*) from runs where status in ('queued', 'running')"
            while self.records(waiting)[0][0] > 0 and time.monotonic() < until:
                time.sleep(0.1)
            self.drain(scheduler)
            self.check()

    def check(self):
        calls = dict(self.records("select idempotency_key, run_id from calls"))
        for key, runs in self.answers.items():
            self.assertEqual(runs, {calls[f"key:{key}"]}, "a call was answered with a run that is not its own")
        begun = self.records("select count(*) from runs where resumed_from = ''")[0][0]
        self.assertEqual(begun, len(calls), "a call began two runs, or none")
        # A run that was killed is gone on with by another; in the end each call has one that succeeded.
        follows = dict(self.records("select resumed_from, id from runs where resumed_from <> ''"))
        status = dict(self.records("select id, status from runs"))
        for run in calls.values():
            while run in follows:
                run = follows[run]
            self.assertEqual(status[run], "succeeded")
        self.assertEqual(sum(one == "succeeded" for one in status.values()), len(calls))


if __name__ == "__main__":
    unittest.main()
