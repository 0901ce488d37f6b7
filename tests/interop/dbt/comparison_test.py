"""The comparison finds what differs: exit codes, statuses, logs, listings, compiled files, columns and rows."""

import tempfile
import unittest
from pathlib import Path

from comparison import change, mapping_differences, row_differences, run_differences
from outcome import Outcome, columns_by_relation, compiled_files, node_results, results_of, rows_sql, sorted_rows


def ids(found):
    return [one.id for one in found]


class ComparisonTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)

    def test_mappings(self):
        self.assertEqual(ids(mapping_differences("status", {"a": 1, "b": 2}, {"b": 3, "c": 4})), ["status a", "status b", "status c"])
        self.assertEqual(ids(mapping_differences("status", {"a": 1}, {"a": 1})), [])

    def test_rows_count_doubles_and_nulls(self):
        once, twice = sorted_rows([("1", None)]), sorted_rows([("1", None), ("1", None)])
        self.assertEqual(ids(row_differences({"main.a": once}, {"main.a": twice})), ["rows main.a"])
        self.assertEqual(sorted_rows([("b", None), (None, "x"), ("a", "")])[-1], (None, "x"))
        self.assertEqual(ids(row_differences({"main.a": once}, {"main.a": list(once)})), [])

    def test_a_run(self):
        dbt = Outcome(1, {"model.p.a": ("error", None)}, ["said this"])
        same = Outcome(1, {"model.p.a": ("error", None)}, text="10:00 said this")
        self.assertEqual(ids(run_differences(["run"], dbt, same, True)), [])
        other = Outcome(0, {"model.p.a": ("success", None)})
        self.assertEqual(ids(run_differences(["run"], dbt, other, True)), ["exit code", "status model.p.a", "log said this"])
        self.assertEqual(ids(run_differences(["run"], dbt, Outcome(1), False)), ["status"])

    def test_a_listing(self):
        found = run_differences(["ls"], Outcome(0, lines=["a", "b"]), Outcome(0, lines=["a"]), False)
        self.assertEqual(ids(found), ["listing"])

    def test_results_of_an_earlier_command_do_not_count(self):
        path = self.folder / "run_results.json"
        path.write_text('{"results": [{"unique_id": "model.p.a", "status": "success", "failures": null}]}', encoding="utf-8")
        self.assertEqual(node_results(self.folder, [{"results": []}] * 2), {"model.p.a": ("success", None)})
        self.assertEqual(node_results(self.folder, results_of(self.folder)), {})

    def test_compiled_files(self):
        change(self.folder, {"write": {"compiled/p/models/a.sql": "\n select 1 \n", "compiled/p/models/a.yml/unique_a_id.sql": "x"}})
        self.assertEqual(compiled_files(self.folder), {"p/models/a.sql": "select 1", "p/models/a.yml/unique_a_id.sql": ""})

    def test_what_unit_tests_give_is_written_by_any_of_them(self):
        compiled = {"m/a.sql": "select 1", "m/u.yml/a.sql": "select 2", "m/u.yml/m/t.sql": "select 3"}
        change(self.folder, {"write": {f"compiled/p/{path}": text for path, text in compiled.items()}})
        expected = {"p/m/a.sql": "select 1", "p/m/u.yml/a.sql": "", "p/m/u.yml/m/t.sql": "select 3"}
        self.assertEqual(compiled_files(self.folder), expected)

    def test_types_that_delta_does_not_have(self):
        columns = columns_by_relation([("main", "a", "n", "HUGEINT"), ("main", "a", "s", "VARCHAR")])
        self.assertEqual(columns, {("main", "a"): [("n", "DECIMAL(38,0)"), ("s", "VARCHAR")]})

    def test_awkward_names_are_quoted_and_clocks_are_not_read(self):
        sql = rows_sql(("main", 'a "b'), [("at", "TIMESTAMP"), ("x y", "INTEGER")], {'main.a "b.at'})
        self.assertEqual(sql, 'select ("at" is not null)::varchar as c0, "x y"::varchar as c1 from "main"."a ""b"')


if __name__ == "__main__":
    unittest.main()
