"""The state of a lake in a PostgreSQL database: several schedulers on machines of different names share it.

One of them is killed again and again, whichever leads, and the server is started anew in between: every instant has one
run, every task that succeeded ran once, none is lost. Mistakes are found before anything runs, and nothing shows a password.
"""

import os
import random
import signal
import subprocess
import time
import unittest
import uuid
from urllib.parse import urlsplit

import psycopg
from scheduled_work import ScheduledWork
from smelt_program import PROGRAM, ROOT, LakeTest, environment, smelt, smelt_ok

SERVER = os.environ["SMELT_TEST_POSTGRES"]
PASSWORD = urlsplit(SERVER).password
WITHOUT_PASSWORD = SERVER.replace(f":{PASSWORD}@", "@")
KILLS = int(os.environ.get("SCHEDULER_KILLS", "8"))
SEED = int(os.environ.get("KILL_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)
INSTANTS = 20
PIPELINE = """
name: {name}
every: 1h
start: 2018-05-24T00:00:00Z
end: 2018-05-24T20:00:00Z
catchup: true
tasks:
  - {{name: a, type: shell, with: {{command: "sleep 0.05; echo $SMELT_SCHEDULED_AT a >> {done}"}}}}
  - {{name: b, type: shell, needs: a, with: {{command: "sleep 0.1; echo $SMELT_SCHEDULED_AT b >> {done}"}}}}
  - {{name: c, type: shell, needs: a, with: {{command: "sleep 0.05; echo $SMELT_SCHEDULED_AT c >> {done}"}}}}
  - {{name: d, type: shell, needs: [b, c], with: {{command: "echo $SMELT_SCHEDULED_AT d >> {done}"}}}}
"""
ONE_TASK = 'name: {name}\ntasks: [{{name: a, type: shell, with: {{command: "echo done >> {done}"}}}}]\n'


def restart_server(how):
    subprocess.run([ROOT / "tools/services/postgres.sh", "restart", how], check=True, timeout=120)


def on_host(name, *arguments):
    """Starts smelt as on a machine of that name; the process is smelt itself."""
    command = ["unshare", "--uts", "sh", "-c", 'hostname "$0"; exec "$@"', name, PROGRAM, *map(str, arguments)]
    if os.geteuid() != 0:
        command[1:1] = ["--user", "--map-root-user"]
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=environment() | {"STATE_PASSWORD": PASSWORD}, start_new_session=True,
    )  # fmt: skip


class StateStoreTest(LakeTest):
    def setUp(self):
        super().setUp()
        self.schema = "t_" + uuid.uuid4().hex
        self.project = self.folder / "project"
        (self.project / "pipelines").mkdir(parents=True)
        self.describe(f"  url: {WITHOUT_PASSWORD}\n  schema: {self.schema}\n  password: {{env: STATE_PASSWORD}}\n")
        self.make_lake()

    def describe(self, state):
        (self.project / "smelt.yml").write_text(f"name: shared\nstate:\n{state}")

    def define(self, name, text):
        content = text.format(name=name, done=self.folder / f"{name}.txt")
        (self.project / f"pipelines/{name}.yml").write_text(content)

    def where(self):
        return ("--project-dir", self.project, "--lake", self.lake)

    def smelt(self, *arguments, **variables):
        return smelt(*arguments, *self.where(), env=environment() | {"STATE_PASSWORD": PASSWORD} | variables)

    def smelt_ok(self, *arguments, **variables):
        return smelt_ok(*arguments, *self.where(), env=environment() | {"STATE_PASSWORD": PASSWORD} | variables)

    def records(self, sql):
        with psycopg.connect(SERVER, options=f"-c search_path={self.schema}") as connection:
            return connection.execute(sql).fetchall()

    def drain(self, process):
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=120)
        # One that was started a moment ago may not have come to where it listens for signals.
        ended = (0,) if output else (0, -signal.SIGTERM)
        self.assertIn(process.returncode, ended, output)
        self.assertNotIn(PASSWORD, output)

    def settled(self):
        try:
            return self.counted("select count(*) from runs where status = 'succeeded'")
        except psycopg.OperationalError:  # the server is started anew
            return 0

    def await_count(self, sql, count, patience_s=60):
        until = time.monotonic() + patience_s
        while self.counted(sql) != count and time.monotonic() < until:
            time.sleep(0.1)
        self.assertEqual(self.records(sql)[0][0], count, sql)

    def counted(self, sql):
        """0 while the process under test has not made its tables yet."""
        try:
            return self.records(sql)[0][0]
        except psycopg.errors.UndefinedTable:
            return 0


class SchedulersTest(ScheduledWork, StateStoreTest):
    """Two machines, one store."""

    instants = INSTANTS
    tasks = ("a", "b", "c", "d")

    def setUp(self):
        super().setUp()
        for name in ("one", "two"):
            self.define(name, PIPELINE)

    def scheduler(self, host):
        return on_host(host, "scheduler", *self.where(), "--lease", "1s")

    def test_the_dead_are_followed_and_the_server_may_restart(self):
        moments = random.Random(SEED)
        with self.subTest(f"KILL_SEED={SEED}"):
            hosts = ("alpha", "beta")
            running = [self.scheduler(host) for host in hosts]
            for kill in range(KILLS):
                time.sleep(moments.uniform(0.5, 3))
                if kill % 3 == 1:
                    restart_server(("fast", "immediate")[kill // 3 % 2])
                    time.sleep(moments.uniform(0, 1))
                victim = moments.randrange(2)
                os.killpg(running[victim].pid, signal.SIGKILL)
                output, _ = running[victim].communicate()
                self.assertNotIn(PASSWORD, output)
                running[victim] = self.scheduler(hosts[victim])
                if self.settled() >= 2 * INSTANTS:
                    break
            self.await_all()
            for process in running:
                self.drain(process)
            self.check()
            ran_on = {host for (host,) in self.records("select distinct host from runs where host <> ''")}
            self.assertLessEqual(ran_on, set(hosts))

    def test_a_restart_of_the_server_alone_costs_nothing(self):
        process = self.scheduler("alpha")
        for how in ("fast", "immediate", "fast"):
            time.sleep(1)
            restart_server(how)
        self.await_all()
        self.drain(process)
        self.check()
        self.assertEqual(self.records("select count(*) from runs where status <> 'succeeded'")[0][0], 0)
        self.assertEqual(self.records("select count(*) from tasks where status <> 'done'")[0][0], 0)


class PoolsTest(StateStoreTest):
    """A pool holds for all machines: two schedulers, one of them killed again and again, and runs by hand on a third."""

    # Whoever gets neither place is one too many; what is killed leaves its place.
    WORK = ("for place in 1 2; do exec 9> {folder}/place$place; if flock -n 9; then sleep {seconds}; echo $SMELT_TASK >> "
            "{folder}/{name}.done; exit 0; fi; done; echo $SMELT_RUN_ID $SMELT_TASK >> {folder}/violated")  # fmt: skip

    def define_pooled(self, name, when, seconds=0.1):
        tasks = "".join(
            f"  - name: t{i}\n    type: shell\n    pool: narrow\n"
            f"    with: {{command: '{self.WORK.format(folder=self.folder, name=name, seconds=seconds)}'}}\n"
            for i in range(3)
        )
        (self.project / f"pipelines/{name}.yml").write_text(f"name: {name}\n{when}tasks:\n{tasks}")

    def scheduler(self, host):
        return on_host(host, "scheduler", *self.where(), "--lease", "1s")

    def await_some(self, sql, patience_s=60):
        until = time.monotonic() + patience_s
        while self.counted(sql) == 0 and time.monotonic() < until:
            time.sleep(0.01)

    def test_no_more_work_than_a_pool_has_slots(self):
        with (self.project / "smelt.yml").open("a") as file:
            file.write("pools: {narrow: 2}\n")
        instants = "every: 1h\nstart: 2018-05-24T00:00:00Z\nend: 2018-05-24T08:00:00Z\ncatchup: true\n"
        for name in ("one", "two", "three"):
            self.define_pooled(name, instants)
        self.define_pooled("hand", "", seconds=0.4)
        moments = random.Random(SEED)
        with self.subTest(f"KILL_SEED={SEED}"):
            hosts = ("alpha", "beta")
            running = [self.scheduler(host) for host in hosts]
            for kill in range(5):
                by_hand = on_host("gamma", "pipeline", "run", "hand", *self.where())
                if kill == 2:  # a run that nobody goes on with gives its slots back all the same
                    self.await_some("select count(*) from pool_slots join runs on runs.id = run_id "
                                    "where pipeline = 'hand' and status = 'running'")  # fmt: skip
                    os.killpg(by_hand.pid, signal.SIGKILL)
                time.sleep(moments.uniform(0.3, 1.5))
                victim = moments.randrange(2)
                os.killpg(running[victim].pid, signal.SIGKILL)
                running[victim].communicate()
                output, _ = by_hand.communicate(timeout=120)
                self.assertEqual(by_hand.returncode, -signal.SIGKILL if kill == 2 else 0, output)
                running[victim] = self.scheduler(hosts[victim])
            until = time.monotonic() + 120
            while self.settled() < 24 + 4 and time.monotonic() < until:
                time.sleep(0.1)
            for process in running:
                self.drain(process)
        self.assertFalse((self.folder / "violated").exists(), "more tasks were at work than the pool has slots")
        self.assertEqual(self.settled(), 24 + 4)
        self.assertEqual(self.records("select count(*) from pool_slots join runs on runs.id = run_id where status = "
                                      "'running'")[0][0], 0)  # fmt: skip


class CommandsTest(StateStoreTest):
    """Every command that reads or writes state goes to the database."""

    def test_all_state_is_in_the_database(self):
        self.define("told", ONE_TASK)
        self.smelt_ok("pipeline", "run", "told")
        self.assertEqual(self.records("select pipeline, status from runs"), [("told", "succeeded")])
        self.assertFalse((self.lake / "_smelt/state.db").exists())
        for command in (("pipeline", "list"), ("pipeline", "runs"), ("status",), ("alerts", "list"), ("metrics",), ("costs",)):
            self.smelt_ok(*command)
        self.assertIn("told", self.smelt_ok("pipeline", "runs", "told").stdout)
        self.assertIn('smelt_pipeline_runs', self.smelt_ok("metrics").stdout)
        log = "".join(path.read_text() for path in (self.lake / "_smelt").rglob("*.log"))
        self.assertNotIn(PASSWORD, log)

    def test_the_environment_names_the_database_too(self):
        (self.project / "smelt.yml").write_text("name: shared\n")
        self.define("told", ONE_TASK)
        variables = {"SMELT_STATE": SERVER, "SMELT_STATE_SCHEMA": self.schema}
        self.smelt_ok("pipeline", "run", "told", **variables)
        self.assertEqual(self.records("select count(*) from runs")[0][0], 1)
        doctor = smelt_ok("doctor", "--lake", self.lake, env=environment() | variables)
        self.assertIn(f"schema {self.schema}", doctor.stdout)
        self.assertNotIn(PASSWORD, doctor.stdout)
        self.smelt_ok("pipeline", "run", "told", SMELT_STATE=WITHOUT_PASSWORD, SMELT_STATE_SCHEMA=self.schema, PGPASSWORD=PASSWORD)

    def test_a_waiting_scheduler_hears_of_requests_and_approvals(self):
        self.define("asked", "name: {name}\ntasks: [{{name: go, type: approval}}]\n")
        process = on_host("alpha", "scheduler", *self.where())
        try:
            self.await_count("select count(*) from leases where holder like 'alpha:%'", 1)
            self.smelt_ok("pipeline", "trigger", "asked")
            self.await_count("select count(*) from tasks where status = 'running'", 1)
            ((run,),) = self.records("select id from runs")
            self.smelt_ok("pipeline", "approve", run, "go")
            self.await_count("select count(*) from runs where status = 'succeeded'", 1)
        finally:
            self.drain(process)


class MistakesTest(StateStoreTest):
    """Nothing runs before the state can be written."""

    def setUp(self):
        super().setUp()
        self.define("told", ONE_TASK)

    def assert_refused(self, pattern, code=3, **variables):
        for command in (("pipeline", "run", "told"), ("scheduler",)):
            result = self.smelt(*command, **variables)
            output = result.stdout + result.stderr
            self.assertEqual(result.returncode, code, output)
            self.assertRegex(output, pattern)
            self.assertNotIn("open sesame", output)
            self.assertNotIn(PASSWORD, output)
        self.assertFalse((self.folder / "told.txt").exists())

    def test_a_wrong_password(self):
        self.assert_refused("STATE-0003.*password authentication failed(.|\n)*check user", STATE_PASSWORD="open sesame")

    def test_no_password(self):
        self.describe(f"  url: {WITHOUT_PASSWORD}\n")
        self.assert_refused("no password supplied(.|\n)*PGPASSWORD", HOME=str(self.folder))

    def test_a_variable_that_is_not_set(self):
        self.assert_refused(r"smelt.yml:5:.*STATE_PASSWORD is not set", code=2, STATE_PASSWORD="")

    def test_a_password_in_the_file(self):
        self.describe("  url: postgresql://smelt:open%20sesame@127.0.0.1/ops\n")
        self.assert_refused(r"smelt.yml:3:.*a password does not stand in this file", code=2)
        self.describe("  url: postgresql://smelt@127.0.0.1/ops\n  password: open sesame\n")
        self.assert_refused(r"smelt.yml:4:.*a password does not stand in this file", code=2)

    def test_no_server(self):
        self.describe("  url: postgresql://smelt@127.0.0.1:9/ops\n")
        self.assert_refused("STATE-0003.*127.0.0.1:9/ops, schema smelt.*refused(.|\n)*check that the server runs")

    def test_other_addresses_and_keys(self):
        self.describe("  url: mysql://127.0.0.1/ops\n")
        self.assert_refused(r"smelt.yml:3:.*PostgreSQL", code=2)
        self.describe(f"  url: {WITHOUT_PASSWORD}\n  shema: x\n")
        self.assert_refused(r"smelt.yml:4:.*shema(.|\n)*schema", code=2)
        self.describe(f"  url: {WITHOUT_PASSWORD}\n  schema: X-1\n")
        self.assert_refused(r"smelt.yml:4:.*'X-1'", code=2)

    def test_a_newer_schema_and_that_of_another_lake(self):
        self.smelt_ok("pipeline", "list")
        with psycopg.connect(SERVER) as connection:
            connection.execute(f"update {self.schema}.store set lake = '/elsewhere'")
        self.assert_refused("has the state of the lake /elsewhere(.|\n)*another schema")
        with psycopg.connect(SERVER) as connection:
            connection.execute(f"update {self.schema}.store set version = 99")
        self.assert_refused("STATE-0002.*version 99")


if __name__ == "__main__":
    unittest.main()
