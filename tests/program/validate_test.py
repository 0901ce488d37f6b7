"""`smelt validate`: suites and checkpoints of Great Expectations on tables and files, with results in its JSON."""

import json
import os
import subprocess
import sys
import unittest

from smelt_program import PROGRAM, ROOT, LakeTest, query, smelt, smelt_ok

SUITE = {
    "name": "orders",
    "meta": {"great_expectations_version": "1.24.1"},
    "expectations": [
        {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "id"}, "meta": {"owner": "sales"}},
        {"type": "expect_column_values_to_be_between", "severity": "warning",
         "kwargs": {"column": "amount", "min_value": 1, "row_condition": "state != 'open'", "condition_parser": "pandas"}},
        {"type": "unexpected_rows_expectation", "kwargs": {"unexpected_rows_query": "select * from {batch} where amount > 100"}},
    ],
}  # fmt: skip
CSV = "id,amount,state\n1,5,open\n2,0,paid\n2,7,\n"
CHECKPOINT = """
name: daily
config_version: 1.0
class_name: Checkpoint
action_list:
  - {name: keep, action: {class_name: StoreValidationResultAction}}
  - {name: pages, action: {class_name: UpdateDataDocsAction}}
validations:
  - expectation_suite_name: orders
    batch_request: {datasource_name: lake, data_asset_name: shop.orders}
  - expectation_suite_name: orders
    batch_request: {datasource_name: files, runtime_parameters: {path: orders.csv}}
"""


class ValidateTest(LakeTest):
    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    def setUp(self):
        super().setUp()
        self.suite = self.write("gx/expectations/orders.json", SUITE)
        self.data = self.write("gx/orders.csv", CSV)
        self.out = self.folder / "result.json"

    def result(self):
        return json.loads(self.out.read_text(encoding="utf-8"))

    def test_a_file_is_judged_with_one_result_per_expectation(self):
        run = smelt("validate", "--suite", self.suite, "--data", self.data, "--out", self.out)
        self.assertEqual(run.returncode, 1, run.stderr)
        result = self.result()
        self.assertEqual([one["success"] for one in result["results"]], [False, False, True])
        self.assertEqual(result["results"][0]["expectation_config"]["meta"], {"owner": "sales"})
        self.assertEqual(result["results"][0]["result"]["partial_unexpected_index_list"], [1, 2])
        self.assertEqual(result["results"][1]["result"]["element_count"], 2, "a missing state is not open")
        self.assertEqual(result["statistics"]["successful_expectations"], 1)

    def test_result_formats_may_be_objects(self):
        wanted = json.dumps({"result_format": "COMPLETE", "unexpected_index_column_names": ["state"]})
        smelt("validate", "--suite", self.suite, "--data", self.data, "--out", self.out, "--result-format", wanted)
        where = self.result()["results"][0]["result"]["unexpected_index_list"]
        self.assertEqual(where, [{"id": 2, "state": "paid"}, {"id": 2, "state": None}])
        refused = smelt("validate", "--suite", self.suite, "--data", self.data, "--result-format", '{"result_format": "ALL"}')
        self.assertEqual(refused.returncode, 2)
        self.assertIn("BOOLEAN_ONLY", refused.stderr)

    def test_a_checkpoint_runs_its_validations(self):
        checkpoint = self.write("gx/checkpoints/daily.yml", CHECKPOINT)
        self.make_lake()
        smelt_ok("sql", "--lake", self.lake, "-c", "create schema shop; create table shop.orders as "
                 "select range as id, 5 as amount, 'paid' as state from range(3)")  # fmt: skip
        run = smelt("validate", "--checkpoint", checkpoint, "--lake", self.lake, "--out", self.out)
        self.assertEqual(run.returncode, 1, run.stderr)
        self.assertIn("action pages is left out", run.stderr)
        result = self.result()
        self.assertEqual([one["success"] for one in result["run_results"].values()], [True, False])
        self.assertEqual(result["statistics"]["successful_validations"], 1)
        self.assertEqual([action["done"] for action in result["actions"]], [True, False])
        stored = query(self.lake, "select table_name, count(*) as n from quality.results group by all order by all")
        self.assertEqual([row["n"] for row in stored], [3, 3])

    def test_added_rows_are_judged_by_themselves(self):
        suite = self.write("grown.json", {"name": "grown", "expectations": [
            {"type": "expect_column_values_to_be_between", "kwargs": {"column": "id", "max_value": 11}},
            {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "id"}},
            {"type": "expect_column_mean_to_be_between", "kwargs": {"column": "id", "max_value": 100}},
            {"type": "expect_column_median_to_be_between", "kwargs": {"column": "id", "max_value": 100}},
        ]})  # fmt: skip

        def validate(*flags):
            return smelt("validate", "--suite", suite, "--table", "shop.orders", "--lake", self.lake, "--out", self.out, *flags)

        self.make_lake()
        smelt_ok("sql", "--lake", self.lake, "-c", "create schema shop; create table shop.orders as select range as id from range(10)")
        self.assertNotIn("added", validate("--store").stdout)
        smelt_ok("sql", "--lake", self.lake, "-c", "insert into shop.orders values (11), (12)")
        added = validate()
        self.assertIn("1 of 4 expectations failed", added.stdout)
        self.assertIn("3 read only the rows added since version 0", added.stdout)
        results = self.result()["results"]
        for one in results[:3]:
            self.assertEqual(one["meta"]["smelt"], {"scope": "added rows", "from_version": 0, "to_version": 1})
        self.assertEqual(results[3]["meta"], {})
        full = validate("--full")
        self.assertNotIn("added", full.stdout)
        self.assertEqual([one["result"] for one in self.result()["results"]], [one["result"] for one in results])
        smelt_ok("sql", "--lake", self.lake, "-c", "delete from shop.orders where id = 12")
        removed = validate()
        self.assertIn("4 expectations hold", removed.stdout)
        self.assertIn("2 read only the rows added since version 0", removed.stdout)  # what is summed up is read again

    def test_both_ways_of_reading_say_the_same_in_the_benchmark(self):
        measured = self.folder / "figures.json"
        command = [sys.executable, ROOT / "bench/added_rows", "--rows", "3000", "--added", "50", "--runs", "1", "--json", measured]
        run = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "SMELT_PROGRAM": PROGRAM})
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        suites = json.loads(measured.read_text(encoding="utf-8"))
        self.assertEqual([one["expectations"] for one in suites], [17, 19])

    def test_what_cannot_be_read_says_why(self):
        cases = [
            (["--suite", self.suite], "--table or --data"),
            ([], "--checkpoint"),
            (["--checkpoint", self.write("gx/checkpoints/c.yml", CHECKPOINT), "--data", self.data], "leave out"),
            (["--checkpoint", self.write("gx/checkpoints/d.yml", "name: d\nvalidatoins: []")], "validations"),
        ]
        for arguments, wanted in cases:
            run = smelt("validate", *arguments)
            self.assertEqual(run.returncode, 2, run.stderr)
            self.assertIn(wanted, run.stderr)


if __name__ == "__main__":
    unittest.main()
