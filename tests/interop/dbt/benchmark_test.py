"""bench/dbt on a small project, beside dbt, and what its table says of given figures. Nothing here asserts on a time."""

import importlib.machinery
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import smelt_program
from smelt_program import PROGRAM, ROOT

sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "bench/workloads")]

MODELS = 12


def load_bench():
    loader = importlib.machinery.SourceFileLoader("bench_dbt", str(ROOT / "bench/dbt"))
    bench = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    sys.modules[loader.name] = bench
    loader.exec_module(bench)
    return bench


bench = load_bench()
# Found once bench/dbt is loaded, beside its workloads.
from dbt_project import graph, write_project  # noqa: E402
from dbt_sides import Dbt, Smelt, Sqlmesh, SqlmeshOwn  # noqa: E402
from sqlmesh_project import write_sqlmesh_project  # noqa: E402


def figure(seconds, mib=1.0):
    return bench.Figure(seconds, mib, 1)


class TableTest(unittest.TestCase):
    work = bench.Work("build", "build", bench.clean, faster_wanted=15, ms_max=30, mb_max=400)

    def test_goals_that_are_reached_are_met(self):
        figures = {"smelt": figure(0.03, 381), "dbt": figure(0.45)}
        self.assertEqual(bench.verdicts(self.work, 1000, figures), ["≥ 15× dbt: met", "≤ 30 ms: met", "≤ 400 MB: met"])

    def test_goals_that_are_not_reached_are_missed(self):
        figures = {"smelt": figure(0.031, 382), "dbt": figure(0.46)}
        missed = ["≥ 15× dbt: **missed**", "≤ 30 ms: **missed**", "≤ 400 MB: **missed**"]
        self.assertEqual(bench.verdicts(self.work, 1000, figures), missed)

    def test_more_models_may_take_longer(self):
        figures = {"smelt": figure(0.06), "dbt": figure(9)}
        self.assertIn("≤ 60 ms: met", bench.verdicts(self.work, 5000, figures))

    def test_without_dbt_there_is_no_verdict_on_it(self):
        self.assertIn("≥ 15× dbt: not measured", bench.verdicts(self.work, 1000, {"smelt": figure(0.03)}))

    def test_the_faster_of_two_sides_counts(self):
        figures = {"smelt": figure(0.5), "sqlmesh": figure(5), "sqlmesh native": figure(4)}
        self.assertEqual(bench.times(figures, ["sqlmesh", "sqlmesh native"]), 8)

    def test_a_side_that_cannot_do_the_work_has_an_empty_cell(self):
        sides = [kind(Path("unused")) for kind in (Smelt, Dbt, Sqlmesh)]
        line = bench.work_line("a", 1000, self.work, {"smelt": figure(0.02, 10), "dbt": figure(2, 20)}, sides)
        self.assertTrue(line.startswith("| a: build | 20 ms, 10 MiB | 2.0 s, 20 MiB |  | 100.0× |  | ≥ 15× dbt: met;"), line)
        self.assertFalse(sides[2].can("compile"))
        self.assertFalse(sides[2].can("build", example=True))

    def test_overhead_is_what_plain_duckdb_does_not_need(self):
        line = bench.overhead_line("a", 1000, {"smelt": figure(3.5), "dbt": figure(21)}, 0.5, [Smelt(Path("unused")), Dbt(Path("unused"))])
        self.assertIn("| 3.00 ms | 20.50 ms |", line)
        self.assertIn("≤ 3 ms: met", line)


class ProjectTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)

    def test_the_graph_is_the_same_each_time_and_has_parents_first(self):
        models = graph(100)
        self.assertEqual(models, graph(100))
        place = {model.name: model.number for model in models}
        self.assertTrue(all(place[parent] < model.number for model in models for parent in model.parents))
        self.assertGreater(sum(len(model.parents) for model in models), 100)

    def test_both_forms_have_the_same_models_with_the_same_parents(self):
        write_project(self.folder / "dbt", 30, 4)
        write_sqlmesh_project(self.folder / "sqlmesh", 30, 4)
        for model in graph(30):
            of_dbt = (self.folder / "dbt" / model.file).read_text(encoding="utf-8")
            own = (self.folder / "sqlmesh" / model.file).read_text(encoding="utf-8")
            self.assertEqual(re.findall(r"ref\('(\w+)'\)", of_dbt), model.parents)
            self.assertEqual(re.findall(r"(?:from|join) main\.(\w+)", own), model.parents)

    def test_clean_moves_aside_what_was_left(self):
        side = SqlmeshOwn(self.folder)
        side.fill(6)
        for _ in range(2):
            (side.folder / ".cache").mkdir()
            side.clean()
            self.assertEqual([file.name for file in side.folder.iterdir() if file.name in ("target", ".cache")], ["target"])
        self.assertEqual(len(list((self.folder / "aside").iterdir())), 3)  # .cache twice, and the first run's empty target


class RunTest(unittest.TestCase):
    def test_every_work_is_done_by_smelt_and_dbt(self):
        with tempfile.TemporaryDirectory() as folder:
            figures = Path(folder) / "figures.json"
            command = [sys.executable, ROOT / "bench/dbt", "--models", str(MODELS), "--runs", "1", "--json", figures]
            command += ["--without", "sqlmesh", "--without", "sqlmesh native"]
            environment = smelt_program.environment() | {"SMELT_PROGRAM": PROGRAM}
            result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=800, check=False)
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            works = json.loads(figures.read_text(encoding="utf-8"))
        self.assertRegex(result.stdout, r"Machine: \d+ cores .* Versions: smelt \d.*; dbt-core \d")
        names = [f"{MODELS} models: {work.name}" for work in bench.WORKS] + ["a small example: build"]
        self.assertEqual([name for name in works if "plain" not in name], names)
        for name in names:
            self.assertIn(f"\n| {name} |", result.stdout)
            self.assertEqual(set(works[name]), {"smelt", "dbt"})
            self.assertTrue(all(side["seconds"] > 0 and side["peak_mib"] > 0 for side in works[name].values()), name)
        self.assertIn(f"\n| {MODELS} models: overhead per model", result.stdout)


if __name__ == "__main__":
    unittest.main()
