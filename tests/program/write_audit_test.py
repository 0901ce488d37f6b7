"""Write, audit, publish: what a suite with a hard gate refuses never becomes visible, and says why."""

import json
import unittest

from smelt_program import LakeTest, query, smelt, smelt_ok, versions

PROJECT = {
    "smelt.yml": "name: shop\ndbt: .\nsuites: suites\npipelines: pipelines\n",
    "dbt_project.yml": "name: shop\nmodels: {shop: {+materialized: table}}\n",
    "models/orders.sql": "select range as id, range * {{ var('factor', 1) }} as amount from range(5)",
    "models/totals.sql": "select sum(amount) as total from {{ ref('orders') }}",
    "models/others.sql": "select {{ var('factor', 1) }} as factor",
    "suites/orders.json": json.dumps(
        {
            "name": "orders",
            "meta": {"smelt": {"table": "main.orders", "gate": "hard"}},
            "expectations": [
                {"type": "expect_column_values_to_be_between", "kwargs": {"column": "amount", "max_value": 100}},
                {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "id"}},
            ],
        }
    ),
    "pipelines/nightly.yml": "name: nightly\ntasks:\n"
    "  - {name: models, type: build}\n"
    "  - {name: checks, type: validate, needs: models}\n",
}


class WriteAuditTest(LakeTest):
    def setUp(self):
        super().setUp()
        self.project = self.folder / "project"
        for name, text in PROJECT.items():
            (self.project / name).parent.mkdir(parents=True, exist_ok=True)
            (self.project / name).write_text(text, encoding="utf-8")

    def build(self, factor, *flags):
        variables = json.dumps({"factor": factor})
        return smelt("build", "--project-dir", self.project, "--lake", self.lake, "--vars", variables, *flags)

    def value(self, sql):
        return list(query(self.lake, sql)[0].values())[0]

    def test_refused_rows_are_not_published(self):
        self.assertEqual(self.build(1).returncode, 0)
        before = versions(self.lake)
        refused = self.build(50)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("main.orders was not changed: suite orders: 1 of 2 expectations failed", refused.stdout)
        self.assertEqual(self.value("select sum(amount) from main.orders"), 10)
        # What depends on it is as it was, the rest goes on.
        after = versions(self.lake)
        self.assertEqual((after["main.orders"], after["main.totals"]), (before["main.orders"], before["main.totals"]))
        self.assertEqual(self.value("select factor from main.others"), 50)
        failed = query(self.lake, "select expectation, table_version from quality.results where not success")
        self.assertEqual(failed, [{"expectation": "expect_column_values_to_be_between", "table_version": None}])

    def quarantine(self, *arguments):
        result = smelt("quarantine", *arguments, "--lake", self.lake, "--json")
        return [json.loads(line) for line in result.stdout.splitlines()]

    def suite(self, maximum, *expectations):
        between = {"type": "expect_column_values_to_be_between", "kwargs": {"column": "amount", "max_value": maximum}}
        keys = {"smelt": {"table": "main.orders", "quarantine": True}}
        suite = {"name": "orders", "meta": keys, "expectations": [between, *expectations]}
        (self.project / "suites/orders.json").write_text(json.dumps(suite), encoding="utf-8")

    def test_bad_rows_go_to_quarantine_and_the_good_ones_on(self):
        self.suite(100)
        result = self.build(50)
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertIn("2 rows went to quarantine: amount expect_column_values_to_be_between", result.stdout)
        self.assertEqual(self.value("select sum(total) from main.totals"), 0 + 50 + 100)
        listed = self.quarantine("list")
        self.assertEqual([(row["table"], row["rows"]) for row in listed], [("main.orders", 2)])
        held = [json.loads(row["raw_text"]) for row in self.quarantine("show", "main.orders")]
        self.assertEqual(sorted(row["amount"] for row in held), ["150", "200"])
        # The table is built whole: what is held is of its last build, and a better build holds nothing.
        self.build(50, "--no-partial-parse", "--full-refresh")
        self.assertEqual(self.quarantine("list")[0]["rows"], 2)
        self.build(1)
        self.assertEqual(self.quarantine("list"), [])

    def test_rows_are_released_once_the_suite_takes_them(self):
        self.suite(100)
        self.build(50)
        release = ("release", "main.orders", "--project-dir", self.project)
        self.assertEqual(self.quarantine(*release)[0]["kept"], 2)
        self.suite(170)
        (report,) = self.quarantine(*release)
        self.assertEqual((report["released"], report["kept"]), (1, 1), report)
        self.assertEqual(self.value("select max(amount) from main.orders"), 150)
        self.assertEqual(self.quarantine("drop", "main.orders", "--all")[0]["dropped"], 1)
        self.assertEqual(self.quarantine("list"), [])

    def test_too_few_good_rows_are_refused_whole(self):
        self.suite(100, {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 5}})
        result = self.build(50)
        self.assertEqual(result.returncode, 1)
        self.assertNotIn("main.orders", versions(self.lake))
        self.assertEqual(self.quarantine("list"), [])

    def test_without_audit_everything_is_published(self):
        self.assertEqual(self.build(50, "--no-audit").returncode, 0)
        self.assertEqual(self.value("select max(amount) from main.orders"), 200)

    def test_a_pipeline_validates_once(self):
        smelt_ok("pipeline", "run", "nightly", "--project-dir", self.project, "--lake", self.lake)
        validated = self.value("select count(*) from quality.results")
        self.assertEqual(validated, 2)
        self.assertEqual(self.value("select count(distinct table_version) from quality.results"), 1)
        smelt_ok("validate", "--suite", self.project / "suites/orders.json", "--lake", self.lake)


if __name__ == "__main__":
    unittest.main()
