"""Benchmarks, small: each work of bench/delta ends in the same rows or the same answer as deltalake's.

Nothing here looks at a time.
"""

import importlib.machinery
import importlib.util
import json
import subprocess
import sys
import unittest

import smelt_program
from smelt_program import PROGRAM, ROOT, LakeTest

sys.path.insert(0, str(ROOT / "bench"))

ROWS = 20_000


class BenchmarkTest(LakeTest):
    def run_delta(self, *options):
        command = [sys.executable, ROOT / "bench/delta", "--data", self.folder, "--rows", str(ROWS), "--runs", "1", *options]
        environment = smelt_program.environment() | {"SMELT_PROGRAM": PROGRAM}
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)

    def test_smelt_and_deltalake_agree_on_every_work(self):
        figures = self.folder / "figures.json"
        result = self.run_delta("--json", figures)
        self.assertEqual(result.returncode, 0, result.stderr)
        works = json.loads(figures.read_text(encoding="utf-8"))
        self.assertGreater(len(works), 15)
        for name, engines in works.items():
            self.assertIn(f"\n| {name} |", result.stdout)
            for engine in ("smelt", "deltalake"):
                self.assertGreater(engines[engine]["peak_mib"], 0, name)
        feed = next(engines for name, engines in works.items() if name.startswith("change feed"))
        self.assertEqual([feed[engine]["answer"] for engine in ("smelt", "deltalake")], [1000, 1000])

    def test_the_pipeline_is_measured(self):
        figures = self.folder / "figures.json"
        command = [sys.executable, ROOT / "bench/run", "--scale", "0.02", "--runs", "1", "--out", figures]
        environment = smelt_program.environment() | {"SMELT_PROGRAM": PROGRAM}
        result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)
        names = [measured["name"] for measured in json.loads(figures.read_text(encoding="utf-8"))]
        self.assertEqual(len(names), 7, names)

    def test_answers_that_differ_are_an_error(self):
        loader = importlib.machinery.SourceFileLoader("bench_delta", str(ROOT / "bench/delta"))
        bench = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
        loader.exec_module(bench)
        work = bench.Work(
            title=lambda shape: "a work",
            smelt=lambda place: bench.Figure(1, 1, 1, 1, answer=1),
            peer=lambda place: bench.Figure(1, 1, 1, 1, answer=2),
            goals=(),
        )
        place = bench.Place(self.folder, sys.executable, ROWS)
        with self.assertRaisesRegex(SystemExit, "a work: the answers differ: .*1.*2"):
            bench.measure(work, place, 1)

    def test_an_unknown_work_is_an_error(self):
        result = self.run_delta("--only", "no such work")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("no work has such a name", result.stderr)


if __name__ == "__main__":
    unittest.main()
