"""The same suites on the same tables, judged by Great Expectations on pandas and by smelt: every field of every result."""

import tempfile
import unittest
from pathlib import Path

from cases import all_cases
from comparison import differences, suites
from gx_side import GxSide
from known_differences import KNOWN, is_known
from smelt_side import SmeltSide
from tables import TABLES

SHOWN_MAX = 40


class ComparisonTest(unittest.TestCase):
    def test_results_are_the_same(self):
        cases = all_cases()
        tables = {name: make() for name, make in TABLES.items()}
        theirs, ours = {}, {}
        with tempfile.TemporaryDirectory() as folder:
            gx, program = GxSide(), SmeltSide(Path(folder))
            for table, result_format, expectations in suites(cases):
                suite = {"name": "suite", "expectations": list(expectations.values())}
                theirs.update(gx.validate(table, tables[table], suite, result_format))
                ours.update(program.validate(table, tables[table], suite, result_format))
        self.assertEqual(theirs.keys(), ours.keys())
        found = [
            f"{case.name} {case.result_format}\n    {name}: {str(expected)[:300]}\n    smelt: {str(got)[:300]}"
            for number, case in enumerate(cases)
            for name, expected, got in differences(case, theirs[number], ours[number])
            if not is_known(case, name, expected, got)
        ]
        print(f"{len(cases)} cases, {len(found)} differences that are not known")
        self.assertEqual(found[:SHOWN_MAX], [], "\n".join(found[:SHOWN_MAX]))
        self.assertEqual([rule.reason for rule in KNOWN if not rule.met], [], "these differences are gone: remove them")


if __name__ == "__main__":
    unittest.main()
