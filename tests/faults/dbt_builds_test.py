"""Builds of a dbt project that are interrupted, killed or run side by side: tables are whole, and the next call goes on."""

import json
import os
import random
import shutil
import signal
import subprocess
import time
import unittest

import smelt_program
from smelt_program import LakeTest, PROGRAM, TIMEOUT_S, contents, query, smelt

KILLS = 20
SEED = int(os.environ.get("KILL_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)
EXIT_OF_DBT = 2  # what dbt ends with when it is interrupted
EXIT_OF_SMELT = 130  # the same before nodes are run

# Every row tells the generation of the build that wrote it: a table is old or new, never both.
WORK = "select i as id, {{ var('generation') }} as generation, hash(i) % 97 as bucket from range({{ var('rows') }}) r(i)"
FILES = {
    "dbt_project.yml": "name: shop\nversion: '1.0'\nprofile: shop\nvars: {generation: 1, rows: 30000}\n"
    "models: {+materialized: table}\n",
    "profiles.yml": "shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb, schema: main, threads: 4}}}\n",
    "seeds/regions.csv": "id,region\n" + "".join(f"{i},r{i % 5}\n" for i in range(97)),
    "models/base.sql": WORK,
    "models/staged.sql": "{{ config(materialized='view') }} select * from {{ ref('base') }}",
    "models/growing.sql": "{{ config(materialized='incremental', unique_key='id') }} select * from {{ ref('staged') }}",
    "models/appended.sql": "{{ config(materialized='incremental', incremental_strategy='append') }} select * from {{ ref('staged') }}"
    "{% if is_incremental() %} where id > (select max(id) from {{ this }}){% endif %}",
    "models/mart.sql": "select region, generation, count(*) as n from {{ ref('growing') }} join {{ ref('regions') }}"
    " on bucket = regions.id group by all",
    "models/schema.yml": "models: [{name: growing, columns: [{name: id, data_tests: [unique, not_null]}]},"
    " {name: mart, columns: [{name: n, data_tests: [not_null]}]}]\n",
    "snapshots/history.yml": "snapshots: [{name: history, relation: ref('base'),"
    " config: {unique_key: id, strategy: check, check_cols: [generation]}}]\n",
} | {f"models/wide_{i}.sql": f"select *, {i} as number from {{{{ ref('base') }}}}" for i in range(8)}
# Of a second build, `history` keeps the rows of the first one beside the new ones.
OF_TWO_GENERATIONS = ("main.history", "main.appended")


class DbtBuildsTest(LakeTest):
    def setUp(self):
        super().setUp()
        self.project = self.folder / "shop"
        for name, text in FILES.items():
            path = self.project / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def command(self, command, lake, generation=None, target="target"):
        variables = [] if generation is None else ["--vars", json.dumps({"generation": generation})]
        return [command, "--lake", str(lake), "--target-path", target, *variables]

    def dbt(self, command, lake, generation=None, **options):
        result = smelt(*self.command(command, lake, generation, **options), cwd=self.project)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return result

    def start(self, lake, generation, target="target"):
        return subprocess.Popen(
            [PROGRAM, *self.command("build", lake, generation, target)], cwd=self.project, text=True, start_new_session=True,
            env=smelt_program.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def prepare(self):
        """A lake of the first generation, and what an undisturbed second build makes of it."""
        self.first = self.folder / "first"
        self.dbt("build", self.first, 1)
        self.undisturbed = self.folder / "undisturbed"
        shutil.copytree(self.first, self.undisturbed)
        began = time.monotonic()
        self.dbt("build", self.undisturbed, 2)
        self.whole_run_s = time.monotonic() - began
        self.expected = contents(self.undisturbed)

    def fresh(self):
        shutil.rmtree(self.lake, ignore_errors=True)
        shutil.rmtree(self.project / "target", ignore_errors=True)
        shutil.copytree(self.first, self.lake)

    def assert_tables_are_whole(self):
        before, after = contents(self.first), self.expected
        for table, found in contents(self.lake).items():
            self.assertIn(found, (before[table], after[table]), f"{table} is neither old nor new")
        for table in smelt_program.tables(self.lake):
            if table not in OF_TWO_GENERATIONS and "generation" in smelt_program.columns(self.lake, table):
                (row,) = query(self.lake, f"select count(distinct generation) as n from {table}")
                self.assertEqual(row["n"], 1, table)

    def results(self):
        """Unique id → status of the last run; nothing when there is no file."""
        path = self.project / "target/run_results.json"
        if not path.exists():
            return {}
        found = json.loads(path.read_text(encoding="utf-8"))
        return {result["unique_id"]: result["status"] for result in found["results"]}

    def test_killed_builds_leave_whole_tables(self):
        self.prepare()
        moments = random.Random(SEED)
        killed = 0
        for attempt in range(KILLS):
            self.fresh()
            pause_s = moments.uniform(0, self.whole_run_s)
            with self.subTest(f"KILL_SEED={SEED}, kill {attempt} after {pause_s:.3f} s"):
                process = self.start(self.lake, 2)
                time.sleep(pause_s)
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
                killed += process.returncode == -signal.SIGKILL
                self.assert_tables_are_whole()
                self.results()
                self.dbt("build", self.lake, 2)
                self.assertEqual(contents(self.lake), self.expected)
        self.assertGreater(killed, KILLS // 3, "most builds ended before they were killed")

    def test_interrupted_builds_are_gone_on_with(self):
        self.prepare()
        moments = random.Random(SEED)
        interrupted = 0
        for attempt in range(KILLS):
            self.fresh()
            pause_s = moments.uniform(0.02, self.whole_run_s)
            with self.subTest(f"KILL_SEED={SEED}, interrupt {attempt} after {pause_s:.3f} s"):
                process = self.start(self.lake, 2)
                time.sleep(pause_s)
                process.send_signal(signal.SIGINT)
                output, _ = process.communicate(timeout=TIMEOUT_S)
                self.assert_tables_are_whole()
                if process.returncode == 0:
                    continue
                first = self.results()
                if not first:  # the program had only begun, or read the project
                    self.assertIn(process.returncode, (-signal.SIGINT, EXIT_OF_DBT, EXIT_OF_SMELT), output)
                    continue
                self.assertEqual(process.returncode, EXIT_OF_DBT, output)
                interrupted += 1
                self.assertIn("keyboard interrupt", output)
                self.assertEqual(len(first), 18, output)
                rest = {node for node, status in first.items() if status not in ("success", "pass")}
                self.dbt("retry", self.lake)
                if rest:
                    self.assertEqual(set(self.results()), rest)
                self.assertEqual(set(self.results().values()) - {"success", "pass"}, set())
                self.assertEqual(contents(self.lake), self.expected)
        self.assertGreater(interrupted, KILLS // 4, "most builds ended before they were interrupted")

    def assert_builds_at_once_are_sound(self, builds):
        lake_before = self.lake.exists()
        generation = 2 if lake_before else 1
        processes = [self.start(self.lake, generation, f"target_{i}") for i in range(builds)]
        succeeded = 0
        for process in processes:
            output, _ = process.communicate(timeout=TIMEOUT_S)
            succeeded += process.returncode == 0
            if process.returncode != 0:
                self.assertEqual(process.returncode, 1, output)
                self.assertIn("another", output)
                self.assertIn("smelt retry", output)
        self.assertGreater(succeeded, 0, "no build got through")
        for table, key in (("growing", "id"), ("appended", "id"), ("history", "id, dbt_valid_from")):
            self.assertEqual(query(self.lake, f"select {key} from main.{table} group by all having count(*) > 1"), [], table)
        (row,) = query(self.lake, "select count(*) as n, count(*) filter (dbt_valid_to is null) as present from main.history")
        self.assertEqual(row, {"n": 30000 * generation, "present": 30000})
        return succeeded

    def test_builds_at_once_corrupt_nothing(self):
        expected = self.folder / "alone"
        for builds in (2, 4):
            shutil.rmtree(self.lake, ignore_errors=True)
            shutil.rmtree(expected, ignore_errors=True)
            for generation in (1, 2):
                with self.subTest(f"{builds} builds, generation {generation}"):
                    self.assert_builds_at_once_are_sound(builds)
                    self.dbt("build", expected, generation)
                    self.assertEqual(contents(self.lake), contents(expected))
                    for table in smelt_program.tables(self.lake):
                        numbers = [version for version, _ in smelt_program.commits(self.lake, table)]
                        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))), table)


if __name__ == "__main__":
    unittest.main()
