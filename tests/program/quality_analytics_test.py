"""Profiles, comparisons and what is built on them, as users meet them on the command line."""

import json
import unittest

from smelt_program import LakeTest, smelt, smelt_ok

ORDERS = (
    "create schema s; create table s.orders as select range as id, ['new', 'paid', 'sent'][range % 3 + 1] as state,"
    " (range * 1.5)::decimal(12,2) as amount, 'u' || range || '@example.com' as email from range(3000)"
)


def report(*arguments):
    """The one object that a command prints with --json."""
    (line,) = smelt(*arguments, "--json").stdout.splitlines()
    return json.loads(line)


class QualityAnalyticsTest(LakeTest):
    def sql(self, statement):
        smelt_ok("sql", "--lake", self.lake, "-c", statement)

    def test_a_profile_suggests_a_suite_that_holds_until_the_data_changes(self):
        self.sql(ORDERS)
        suite, page = self.folder / "orders.json", self.folder / "orders.html"
        smelt_ok("profile", "s.orders", "--lake", self.lake, "--suggest-suite", suite, "--html", page)
        self.assertIn("Candidate keys", page.read_text(encoding="utf-8"))
        validate = ("validate", "--suite", suite, "--table", "s.orders", "--lake", self.lake)
        self.assertIn("pass", smelt_ok(*validate).stdout)
        self.sql("insert into s.orders values (1, 'lost', 2, null)")
        self.assertEqual(smelt(*validate).returncode, 1)

    def test_a_file_is_profiled_without_a_lake(self):
        file = self.folder / "numbers.csv"
        file.write_text("id,name\n" + "".join(f"{i},n{i % 5}\n" for i in range(50)), encoding="utf-8")
        profile = report("profile", file)
        self.assertEqual((profile["rows"], profile["candidate_keys"]), (50, [["id"]]))
        self.assertEqual(profile["columns"][1]["top"][0]["count"], 10)
        text = smelt_ok("profile", file).stdout
        self.assertIn("unique", text)
        self.assertLessEqual(max(map(len, text.splitlines())), 120)

    def test_hundreds_of_columns_have_profiles(self):
        columns = ", ".join(f"range * {i} as n{i}, 'v' || (range % {i + 2}) as t{i}" for i in range(150))
        self.sql(f"create schema s; create table s.wide as select {columns} from range(2000)")
        profile = report("profile", "s.wide", "--lake", self.lake)
        self.assertEqual(len(profile["columns"]), 300)
        self.assertEqual(profile["columns"][299]["distinct"], 151, profile["columns"][299])
        self.assertTrue(all(column["min"] is not None for column in profile["columns"]))

    def test_diff_says_by_its_exit_code_whether_versions_differ(self):
        self.sql(ORDERS)
        self.sql("update s.orders set amount = 0 where id = 7")
        self.sql("delete from s.orders where id = 8")
        sides = ("s.orders@0", "s.orders", "--key", "id", "--lake", self.lake)
        result = smelt("diff", *sides)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn("amount: 1 value changed", result.stdout)
        rows = report("diff", *sides)["rows"]
        self.assertEqual((rows["added"], rows["removed"], rows["changed"]), (0, 1, 1))
        smelt_ok("diff", "s.orders", "s.orders", "--key", "id", "--lake", self.lake)
        wrong = smelt("diff", *sides[:2], "--key", "ID,stat", "--lake", self.lake)
        self.assertEqual(wrong.returncode, 2)
        self.assertIn('did you mean "state"?', wrong.stderr)

    def test_a_file_is_reconciled_with_its_table(self):
        self.sql(ORDERS)
        file = self.folder / "orders.csv"
        self.sql(f"copy (from s.orders) to '{file}' (header)")
        smelt_ok("reconcile", file, "s.orders", "--lake", self.lake)
        self.sql("insert into s.orders values (9999, 'new', 1, 'x@example.com')")
        result = smelt("reconcile", file, "s.orders", "--lake", self.lake)
        self.assertEqual(result.returncode, 1)
        self.assertIn("all rows", result.stdout)
        smelt_ok("reconcile", file, "s.orders", "--columns", "amount", "--tolerance", "1%", "--lake", self.lake)


if __name__ == "__main__":
    unittest.main()
