"""Profiles, comparisons and what is built on them, as users meet them on the command line."""

import json
import subprocess
import unittest

from smelt_program import LakeTest, commits, query, smelt, smelt_ok

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
        self.assertEqual(profile["columns"][101]["distinct"], 52, profile["columns"][101])
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

    def make_project(self):
        """A source of orders, of which two do not fit its contract."""
        shop = self.folder / "shop"
        (shop / "sources").mkdir(parents=True)
        (shop / "data").mkdir()
        (shop / "smelt.yml").write_text("name: shop\nsources: sources\n", encoding="utf-8")
        self.write_source(shop, "[open, paid]")
        # The columns stand in another order than in the contract.
        rows = ["status,note,id", "open,a,1", 'sent,"two\nlines",2', "paid,c,x", "sent,d,4"]
        (shop / "data/orders.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        smelt_ok("ingest", "--project-dir", shop, "--lake", self.lake)
        return shop

    def write_source(self, shop, states):
        (shop / "sources/shop.yml").write_text(
            "name: shop\nconnector: csv\nlocation: data\ntables:\n  - name: orders\n    files: orders*.csv\n    columns:\n"
            "      - {name: id, type: integer, required: true}\n      - {name: note, type: text}\n"
            f"      - {{name: status, type: text, checks: [{{set: {states}}}]}}\n",
            encoding="utf-8",
        )

    def orders(self):
        return [(row["id"], row["note"], row["status"]) for row in query(self.lake, "from bronze.orders order by id")]

    def test_rows_leave_quarantine_when_the_contract_takes_them(self):
        shop = self.make_project()
        at = ("--lake", self.lake)
        listed = [json.loads(line) for line in smelt_ok("quarantine", "list", *at, "--json").stdout.splitlines()]
        self.assertEqual([(row["rule"], row["rows"]) for row in listed], [("set", 2), ("type", 1)])
        self.assertIn("two", smelt_ok("quarantine", "show", "orders", "--rule", "set", *at).stdout)
        release = ("quarantine", "release", "orders", "--project-dir", shop, *at)
        self.assertEqual(smelt(*release).returncode, 1)
        self.assertEqual(self.orders(), [(1, "a", "open")], "what does not fit was let in")
        self.write_source(shop, "[open, paid, sent]")
        result = smelt(*release)
        self.assertEqual(result.returncode, 1, "one row still has no number")
        self.assertIn("2 rows released to bronze.orders, 1 kept", result.stdout)
        self.assertEqual(self.orders(), [(1, "a", "open"), (2, "two\nlines", "sent"), (4, "d", "sent")])
        self.assertEqual({row["source_file"] for row in query(self.lake, "from bronze.orders")}, {"orders.csv"})
        self.assertIn("0 rows released", smelt(*release).stdout)
        smelt_ok("ingest", "--project-dir", shop, *at)
        self.assertEqual(len(self.orders()), 3, "ingest loaded the file again")
        self.assertEqual(smelt("quarantine", "drop", "orders", *at).returncode, 2)
        self.assertIn("1 row dropped", smelt_ok("quarantine", "drop", "orders", "--rule", "type", *at).stdout)
        self.assertIn("nothing is in quarantine", smelt_ok("quarantine", "list", *at).stdout)

    def test_rows_of_a_file_that_is_gone_stay_unless_their_order_is_said(self):
        shop = self.make_project()
        (shop / "data/orders.csv").write_text("id,note,status\n1,other,open\n", encoding="utf-8")
        self.write_source(shop, "[open, paid, sent, a, c, d]")
        release = ("quarantine", "release", "orders", "--project-dir", shop, "--lake", self.lake)
        result = smelt(*release)
        self.assertEqual(result.returncode, 1)
        self.assertIn("the file is gone", result.stdout)
        self.assertEqual(len(self.orders()), 1)

    def test_a_release_that_was_killed_is_finished_by_the_next(self):
        shop = self.make_project()
        self.write_source(shop, "[open, paid, sent]")
        release = ("quarantine", "release", "orders", "--rule", "set", "--project-dir", shop, "--lake", self.lake)
        smelt_ok(*release)
        before = self.orders()
        # As if it had been killed before the rows left quarantine: they are there, marked with what bronze has loaded.
        (mark,) = {
            action["txn"]["appId"].removeprefix("smelt.release/")
            for _, actions in commits(self.lake, "bronze.orders")
            for action in actions
            if "txn" in action and action["txn"]["appId"].startswith("smelt.release/")
        }
        self.sql("create table main.held as select * from quarantine.orders at (version => 0)")
        self.sql("insert into quarantine.orders by name select *, '" + mark + "' as release_id from main.held where rule = 'set'")
        # And one that was only marked is free again.
        self.sql("update quarantine.orders set release_id = 'never-loaded' where rule = 'type'")
        result = smelt(*release)
        self.assertIn("2 rows of an earlier release", result.stdout)
        self.assertEqual(self.orders(), before)
        (left,) = query(self.lake, "select rule, release_id from quarantine.orders")
        self.assertEqual((left["rule"], left["release_id"]), ("type", None))

    def test_a_contract_is_checked_and_its_changes_are_judged(self):
        self.sql(ORDERS)
        contract = self.folder / "orders.yml"
        text = (
            "apiVersion: v3.1.0\nkind: DataContract\nid: orders\nversion: 1.0.0\nstatus: active\nschema:\n"
            "  - name: orders\n    physicalName: s.orders\n    properties:\n"
            "      - {name: id, logicalType: integer, primaryKey: true}\n"
            "      - {name: state, logicalType: string, required: true}\n"
        )
        contract.write_text(text, encoding="utf-8")
        check = ("contract", "check", contract, "--lake", self.lake)
        result = smelt(*check)
        self.assertEqual(result.returncode, 1, "strictly, amount and email are unknown")
        self.assertIn("does not know the column email", result.stdout)
        smelt_ok(*check, "--loose")
        self.sql("insert into s.orders values (1, null, 0, '')")
        result = smelt(*check, "--loose")
        self.assertEqual(result.returncode, 1)
        self.assertIn("null values: 1, promised none (" + str(contract) + ":11)", result.stdout)

        git = ("git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-C", self.folder)
        subprocess.run([*git, "init", "-q"], check=True)
        subprocess.run([*git, "add", "orders.yml"], check=True)
        subprocess.run([*git, "commit", "-qm", "contract"], check=True)
        contract.write_text(text.replace(", required: true", ""), encoding="utf-8")
        result = smelt("contract", "diff", contract, "--against", "HEAD")
        self.assertEqual(result.returncode, 1)
        self.assertIn("orders.state: required was true and is false", result.stdout)
        contract.write_text(text.replace(", required: true", "").replace("1.0.0", "2.0.0"), encoding="utf-8")
        smelt_ok("contract", "diff", contract, "--against", "HEAD")
        wrong = smelt("contract", "diff", contract, "--against", "no-such-revision")
        self.assertEqual(wrong.returncode, 2)
        contract.write_text(text.replace("logicalType: integer", "logicalType: int"), encoding="utf-8")
        wrong = smelt(*check)
        self.assertEqual(wrong.returncode, 2)
        self.assertIn(f"{contract}:10", wrong.stderr)

    def test_anomalies_are_told_with_what_was_expected(self):
        self.sql(
            "create schema s; create table s.orders as select date '2018-01-01' + (range // 100)::integer as day, 1 as x"
            " from range(10000)"
        )
        smelt_ok("anomalies", "s.orders", "--by", "day", "--lake", self.lake)
        self.sql("delete from s.orders where day = date '2018-04-10' and random() < 0.9")
        result = smelt("anomalies", "s.orders", "--by", "day", "--lake", self.lake)
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stdout, r"s.orders of 2018-04-10: \d+ rows, expected \d+ to \d+ by ")
        smelt_ok("anomalies", "s.orders", "--lake", self.lake, "--backfill", "5")
        smelt_ok("anomalies", "--lake", self.lake)
        self.assertEqual(len({row["version"] for row in query(self.lake, "from quality.profiles")}), 2)


if __name__ == "__main__":
    unittest.main()
