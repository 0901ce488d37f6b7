"""Promotion of a lake into another: readers see releases as a whole, whatever is killed, and a rollback is one command."""

import http.client
import json
import os
import random
import shutil
import signal
import threading
import time
import unittest

from served_lake import ServedLakeTest, next_tile
from smelt_program import environment, query, scalar, smelt, smelt_ok, start, tables, versions
from wire_client import WireClient

# Two tables and a view that agree in every release, and in no mix of two.
MAKE = """
create table gold.orders as select i as id, 0 as batch from range(200) r(i);
create table gold.payments as select i as order_id, 0 as batch from range(200) r(i);
create table silver.notes as select 'kept' as note;
create view gold.paid as select o.id, o.batch, 0 as of_view from gold.orders o join gold.payments p on p.order_id = o.id;
"""
STEP = """
update gold.orders set batch = {0};
insert into gold.payments select i, {0} from range(3) r(i);
delete from gold.payments where batch < {0};
insert into gold.payments select i, {0} from range(3, 200) r(i);
create or replace view gold.paid as
  select o.id, o.batch, {0} as of_view from gold.orders o join gold.payments p on p.order_id = o.id;
"""
# The batches of the tables, of the view's text, and how many rows join.
LOOK = """
select min(o.batch), max(o.batch), (select min(batch) from gold.payments), (select max(batch) from gold.payments),
       (select max(of_view) from gold.paid), (select min(batch) from gold.paid), (select count(*) from gold.paid)
from gold.orders o
"""
FORCE = ("--force", "a test")


class PromotionTest(ServedLakeTest):
    TABLES = MAKE

    def setUp(self):
        super().setUp()
        self.staging, self.lake = self.lake, self.folder / "prod"

    def step(self, number):
        smelt_ok("sql", "--lake", self.staging, "-c", STEP.format(number))

    def release(self, command, *arguments, lake=None):
        """The objects that a command prints, the last of them the outcome."""
        printed = smelt_ok("release", command, "--lake", lake or self.lake, "--json", *arguments).stdout
        return [json.loads(line) for line in printed.splitlines()]

    def promote(self, *arguments):
        return self.release("promote", "--from", self.staging, *FORCE, *arguments)

    def batch_of(self, row):
        """The release that a look saw; it is one only."""
        values = [int(value) for value in row]
        self.assertEqual(len(set(values[:-1])), 1, row)
        self.assertEqual(values[-1], 200, row)
        return values[0]

    def batch(self):
        (row,) = query(self.lake, LOOK)
        return self.batch_of(row.values())

    def batch_in_logs(self, lake=None):
        """What those see who know nothing of releases: the newest state of each table."""
        lake = lake or self.lake
        return [scalar(self.folder, f"select max(batch) from delta_scan('{lake}/gold/{table}')") for table in ("orders", "payments")]

    def test_promote_again_and_roll_back(self):
        *changes, outcome = self.promote()
        self.assertEqual({one["name"]: one["change"] for one in changes},
                         {name: "new" for name in ("gold.orders", "gold.paid", "gold.payments", "silver.notes")})  # fmt: skip
        self.assertTrue(outcome["published"])
        self.assertEqual((outcome["files_linked"] > 0, outcome["files_copied"]), (True, 0))
        self.assertEqual(self.batch(), 0)
        self.assertEqual(tables(self.lake), tables(self.staging))
        shared = next((self.lake / "silver/notes").glob("*.parquet"))
        self.assertEqual(shared.stat().st_nlink, 2)

        before = versions(self.lake)
        files = sorted(self.lake.rglob("*"))
        outcome = self.promote()[-1]
        self.assertEqual((outcome["published"], outcome["unchanged"]), (False, 4))
        self.assertEqual(versions(self.lake), before)
        self.assertEqual(sorted(self.lake.rglob("*")), files, "a promotion of what is there leaves no trace")

        self.step(1)
        changes = {one["name"]: one for one in self.promote()[:-1]}
        self.assertEqual(changes["silver.notes"]["change"], "unchanged")
        self.assertEqual(versions(self.lake)["silver.notes"], 0)
        self.assertEqual(versions(self.lake)["gold.payments"], 1, "three commits of the source are one here")
        self.assertEqual((self.batch(), self.batch_in_logs()), (1, [1, 1]))

        outcome = self.release("rollback", "--reason", "wrong prices")[-1]
        self.assertEqual(outcome["note"]["reason"], "wrong prices")
        self.assertEqual((self.batch(), self.batch_in_logs()), (0, [0, 0]))
        self.assertEqual(scalar(self.lake, "select max(batch) from gold.orders at (version => 1)"), 1)
        listed = self.release("list")
        self.assertEqual([one["kind"] for one in listed], ["rollback", "promotion", "promotion", "hold"])
        self.release("rollback", "--to", listed[1]["release"])
        self.assertEqual((self.batch(), self.batch_in_logs()), (1, [1, 1]))

    def test_what_does_not_belong_to_the_release_is_as_ever(self):
        self.promote()
        refused = smelt("sql", "--lake", self.lake, "-c", "insert into gold.orders values (1, 1)")
        self.assertEqual(refused.returncode, 2)
        self.assertIn("belongs to release", refused.stderr)
        self.assertIn("smelt release promote", refused.stderr)
        smelt_ok("sql", "--lake", self.lake, "-c", "create table main.own as select 1 as a; insert into main.own values (2)")
        self.promote()
        self.assertEqual(scalar(self.lake, "select count(*) from main.own"), 2)
        smelt_ok("release", "off", "--lake", self.lake)
        smelt_ok("sql", "--lake", self.lake, "-c", "insert into gold.orders values (1, 1)")
        self.assertEqual(scalar(self.lake, "select count(*) from gold.paid"), 201)

    def test_readers_never_see_a_mix(self):
        self.promote()
        server = self.serve()
        client = WireClient(self.pg_port, {})
        self.addCleanup(client.socket.close)
        seen, failures, done = {}, [], threading.Event()

        def by_postgres():
            return self.batch_of(client.query(LOOK)[0])

        def by_transactions():
            with WireClient(self.pg_port, {}) as other:
                other.query("begin isolation level repeatable read")
                parts = [other.query(f"select max(batch) from gold.{name}")[0][0] for name in ("orders", "payments", "paid")]
                again = self.batch_of(other.query(LOOK)[0])
                other.query("commit")
                self.assertEqual([int(part) for part in parts], [again] * 3)
                return again

        def by_http():
            status, _, answer = self.sql(LOOK)
            self.assertEqual(status, 200, answer)
            return self.batch_of(answer["rows"][0])

        def by_programs():
            return self.batch()

        def work(reader):
            try:
                while not done.is_set():
                    seen.setdefault(reader.__name__, set()).add(reader())
            except Exception as failure:
                failures.append((reader.__name__, failure))

        readers = [threading.Thread(target=work, args=(one,)) for one in (by_postgres, by_transactions, by_http, by_programs)]
        for reader in readers:
            reader.start()
        try:
            for number in range(1, 21):
                self.step(number)
                self.promote()
                if number % 2:
                    self.release("rollback")
        finally:
            done.set()
            for reader in readers:
                reader.join()
        self.assertEqual(failures, [])
        for name, batches in seen.items():
            self.assertGreater(len(batches), 5, f"{name} saw {batches}")
        self.end(server)

    def test_a_promotion_that_is_killed_anywhere_leaves_a_release(self):
        self.promote()
        chance = random.Random(7)
        # How long a promotion takes decides when it is killed.
        self.step(1)
        begin = time.monotonic()
        self.promote()
        seconds = time.monotonic() - begin
        current, killed = 1, 0
        for number in range(2, 22):
            self.step(number)
            process = start("release", "promote", "--from", self.staging, "--lake", self.lake, *FORCE, start_new_session=True)
            time.sleep(seconds * chance.uniform(0.3, 1.1))
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                killed += 1
            process.wait()
            process.stdout.close()
            batch = self.batch()
            self.assertIn(batch, (current, number))
            current = batch
            if number % 5 == 0:
                self.promote()
                self.assertEqual((self.batch(), self.batch_in_logs()), (number, [number, number]))
                current = number
        self.assertGreater(killed, 5)
        self.promote()
        self.assertEqual(self.batch(), 21)
        # Files that no commit names are found by vacuum, as those of any writer that was killed.
        smelt_ok("table", "vacuum", "gold.orders", "--lake", self.lake, "--retain-hours", "0", "--force")
        self.assertEqual(self.batch(), 21)
        live = scalar(self.lake, "select files from table_detail('gold.orders')")
        self.assertEqual(len(list((self.lake / "gold/orders").glob("*.parquet*"))), live)

    def test_a_reader_with_an_old_release_is_not_cut_off_by_vacuum_of_the_source(self):
        self.promote()
        self.step(1)
        smelt_ok("table", "vacuum", "gold.orders", "--lake", self.staging, "--retain-hours", "0", "--force")
        self.assertEqual(self.batch(), 0)
        shutil.rmtree(self.staging)
        self.assertEqual(self.batch(), 0)

    def gates(self, *arguments):
        return smelt("release", "promote", "--from", self.staging, "--lake", self.lake, "--project-dir", self.project, *arguments)

    def test_gates(self):
        self.project = self.folder / "project"
        (self.project / "pipelines").mkdir(parents=True)
        (self.project / "suites").mkdir()
        (self.project / "smelt.yml").write_text("name: gated\nlakes: {staging: ../lake, prod: ../prod}\n")
        pipeline = self.project / "pipelines/make.yml"
        ran = ["--project-dir", self.project, "--lake", self.staging]
        refused = self.gates()
        self.assertEqual(refused.returncode, 1, refused.stderr)
        self.assertIn("no pipeline has run", refused.stderr)

        pipeline.write_text("name: make\ntasks:\n  - {name: one, type: sql, with: {sql: select error('no')}}\n")
        smelt("pipeline", "run", "make", *ran)
        refused = self.gates()
        self.assertEqual(refused.returncode, 1)
        self.assertIn("the last run of the pipeline make failed", refused.stderr)
        self.assertFalse((self.lake / "_smelt/releases").exists())

        pipeline.write_text("name: make\ntasks:\n  - {name: one, type: sql, with: {sql: select 1}}\n")
        smelt_ok("pipeline", "run", "make", *ran)
        suite = self.project / "suites/orders.yml"
        check = "name: orders\ntable: gold.orders\nexpectations:\n  - {type: expect_table_row_count_to_equal, kwargs: {value: %d}}\n"
        suite.write_text(check % 7)
        smelt("validate", "--suite", suite, "--store", "--lake", self.staging)
        refused = self.gates()
        self.assertEqual(refused.returncode, 1)
        self.assertIn("the suite orders failed", refused.stderr)
        planned = self.gates("--dry-run")
        self.assertEqual(planned.returncode, 1)
        self.assertIn("gold.orders", planned.stdout)
        self.assertFalse((self.lake / "_smelt/releases").exists())

        forced = self.gates("--force", "the count is known to be wrong")
        self.assertEqual(forced.returncode, 0, forced.stderr)
        note = self.release("list")[0]["note"]
        self.assertEqual(note["forced"], "the count is known to be wrong")
        self.assertEqual(len(note["gates"]["problems"]), 1)

        suite.write_text(check % 200)
        smelt_ok("validate", "--suite", suite, "--store", "--lake", self.staging)
        smelt_ok("release", "promote", "--from", "staging", "--lake", "prod", "--project-dir", self.project)
        environment_of_prod = environment() | {"DBT_TARGET": "prod"}
        listed = smelt_ok("release", "list", "--project-dir", self.project, "--json", env=environment_of_prod).stdout
        self.assertEqual(len(listed.splitlines()), 2)

    def test_lakes_by_target(self):
        project = self.folder / "shop"
        (project / "models/gold").mkdir(parents=True)
        (project / "smelt.yml").write_text("name: shop\nlakes: {dev: lakes/dev, staging: lakes/staging, prod: lakes/prod}\n")
        (project / "dbt_project.yml").write_text("name: shop\nprofile: shop\n")
        (project / "profiles.yml").write_text(
            "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, schema: main}\n    staging: {type: duckdb, schema: main}\n")
        (project / "models/gold/one.sql").write_text("{{ config(materialized='table') }} select '{{ target.name }}' as target")
        place = ["--project-dir", project]

        def target_of(lake):
            return scalar(project / "lakes" / lake, "select target from main.one")

        smelt_ok("build", *place)
        smelt_ok("build", *place, "--target", "staging")
        self.assertEqual((target_of("dev"), target_of("staging")), ("dev", "staging"))
        smelt_ok("build", *place, "--target", "staging", "--lake", self.folder / "named")
        self.assertEqual(scalar(self.folder / "named", "select target from main.one"), "staging")
        in_staging = environment() | {"DBT_TARGET": "staging"}
        shown = smelt_ok("sql", "-c", "select target from main.one", "--format", "csv", cwd=project, env=in_staging).stdout
        self.assertIn("staging", shown)
        smelt_ok("release", "promote", "--from", "staging", "--lake", "prod", *FORCE, *place)
        self.assertEqual(target_of("prod"), "staging")
        wrong = smelt("release", "promote", "--from", "stagin", "--lake", "prod", *FORCE, *place)
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("the targets are dev, prod, staging", wrong.stderr)

    def test_open_dashboards_follow_a_release(self):
        self.promote()
        project = self.folder / "project"
        (project / "dashboards").mkdir(parents=True)
        (project / "smelt.yml").write_text("name: shown\n")
        (project / "dashboards/batches.yml").write_text(
            "title: Which batch?\nowner: Tests\npages:\n  - name: first\n    tiles:\n      - name: batch\n        type: table\n"
            "        title: Which batch?\n        sql: select max(batch)::bigint as batch, max(of_view)::bigint as seen from gold.paid\n")
        self.serve("--project-dir", project, "--no-scheduler")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self.addCleanup(connection.close)
        connection.request("GET", "/api/v1/dashboards/batches/live")
        page = connection.getresponse()
        self.assertEqual(next_tile(page)["rows"], [[0, 0]])
        self.step(1)
        self.promote()
        self.assertEqual(next_tile(page)["rows"], [[1, 1]])
        self.release("rollback")
        self.assertEqual(next_tile(page)["rows"], [[0, 0]])


if __name__ == "__main__":
    unittest.main()
