"""dbt's own command line in a dbt project: profiles, targets, flags, exit codes, what is printed, where the lake is."""

import json
import signal
import unittest
import urllib.error
import urllib.request

import smelt_program
from smelt_program import LakeTest, query, smelt

PROFILES = """
shop:
  target: dev
  outputs:
    dev: {type: duckdb, path: shop.duckdb, schema: analytics, threads: 2}
    prod: {type: duckdb, path: shop.duckdb, schema: "{{ env_var('SHOP_SCHEMA', 'live') }}"}
    cloud: {type: snowflake, account: a}
"""
FILES = {
    "dbt_project.yml": "name: shop\nversion: '1.0'\nprofile: shop\nmodels: {shop: {marts: {+materialized: table}}}\n",
    "profiles.yml": PROFILES,
    "seeds/raw_orders.csv": "id,amount\n1,10\n2,20\n3,-1\n",
    "models/orders.sql": "select * from {{ ref('raw_orders') }}{{ print('orders for ' ~ target.name) if execute }}",
    "models/marts/totals.sql": "select sum(amount) as total, '{{ var('day', 'today') }}' as day from {{ ref('orders') }}",
    "models/schema.yml": "models: [{name: orders, columns: [{name: id, data_tests: [unique, not_null]}]}]\n",
}


class DbtCommandLineTest(LakeTest):
    def setUp(self):
        super().setUp()
        self.project = self.folder / "shop"
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name, text):
        path = self.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def dbt(self, *arguments, code=0, cwd=None, **variables):
        environment = {name: value for name, value in smelt_program.environment().items() if not name.startswith("DBT_")}
        environment |= {"HOME": str(self.folder)} | variables
        result = smelt(*arguments, cwd=cwd or self.project, env=environment)
        self.assertEqual(result.returncode, code, f"{arguments}\n{result.stdout}{result.stderr}")
        return result

    def rows(self, sql):
        return query(self.project / "target/lake", sql)

    def test_build_goes_to_the_schema_of_the_target_in_the_lake_of_the_project(self):
        result = self.dbt("build")
        self.assertIn("Done. PASS=5 WARN=0 ERROR=0 SKIP=0 NO-OP=0 TOTAL=5", result.stdout)
        self.assertIn("orders for dev", result.stdout)
        self.assertEqual(self.rows("select total, day from analytics.totals"), [{"total": 29, "day": "today"}])
        self.dbt("--target", "prod", "build", "--vars", "{day: monday}", SHOP_SCHEMA="sold")
        self.assertEqual(self.rows("select day from sold.totals"), [{"day": "monday"}])

    def test_the_environment_names_target_and_folders(self):
        elsewhere = self.folder / "profiles"
        elsewhere.mkdir()
        (self.project / "profiles.yml").rename(elsewhere / "profiles.yml")
        lake = self.folder / "lake"
        self.dbt("seed", cwd=self.folder, DBT_PROJECT_DIR=str(self.project), DBT_PROFILES_DIR=str(elsewhere),
                 DBT_TARGET="prod", DBT_TARGET_PATH="out", SMELT_LAKE=str(lake))  # fmt: skip
        self.assertEqual(len(query(lake, "from live.raw_orders")), 3)
        self.dbt("seed", "--profiles-dir", elsewhere, DBT_TARGET_PATH="out")
        self.assertTrue((self.project / "out/lake").is_dir())

    def test_commands_work_in_folders_of_the_project(self):
        self.assertIn("shop.orders", self.dbt("ls", cwd=self.project / "models/marts").stdout)

    def test_without_profiles_there_are_defaults_and_a_note(self):
        (self.project / "profiles.yml").unlink()
        result = self.dbt("seed")
        self.assertIn("there is no profiles.yml", result.stderr)
        self.assertEqual(len(self.rows("from main.raw_orders")), 3)

    def test_exit_codes_are_those_of_dbt(self):
        self.write("models/orders.sql", "select * from {{ ref('raw_orders') }} union all select 1, 2")
        failed = self.dbt("build", code=1)
        self.assertIn("Done. PASS=3 WARN=0 ERROR=1 SKIP=1 NO-OP=0 TOTAL=5", failed.stdout)
        self.write("models/orders.sql", "select no_such_column from {{ ref('raw_orders') }}")
        self.dbt("run", code=1)
        self.write("models/orders.sql", "select * from {{ ref('raw_order') }}")
        self.assertIn("raw_orders", self.dbt("run", code=2).stderr)
        self.dbt("run", "--no-such-flag", code=2)
        self.dbt("run", "--target", "cloud", code=2)
        self.dbt("run", code=2, cwd=self.folder)

    def test_mistakes_suggest_what_was_meant(self):
        for arguments, hint in (
            (["run", "--full-refesh"], "did you mean --full-refresh?"),
            (["run", "--target", "prd"], "did you mean 'prod'?"),
            (["run", "--profile", "shpo"], "did you mean 'shop'?"),
            (["list", "--resource-type", "modle"], "did you mean 'model'?"),
            (["run", "--target", "cloud"], "snowflake"),
            (["run", "--vars", "[1]"], "--vars wants a map"),
            (["--target", "dev", "buidl"], "did you mean 'build'?"),
        ):
            with self.subTest(arguments):
                self.assertIn(hint, self.dbt(*arguments, code=2).stderr)

    def test_flags_without_a_meaning_here_are_accepted(self):
        self.dbt("--no-partial-parse", "seed", "--no-version-check", "--no-use-colors", "--cache-selected-only", "--debug",
                 "--printer-width", "100", "--log-path", "logs", "--no-send-anonymous-usage-stats", "--threads", "1")  # fmt: skip

    def test_quiet_prints_what_templates_print(self):
        self.dbt("seed")
        self.assertEqual(self.dbt("run", "--quiet").stdout, "orders for dev\n")
        self.assertEqual(self.dbt("run", "--quiet", "--no-print").stdout, "")

    def test_list_has_the_forms_of_dbt(self):
        self.assertEqual(self.dbt("ls", "--resource-type", "model").stdout.split(), ["shop.orders", "shop.marts.totals"])
        self.assertEqual(self.dbt("ls", "--output", "name", "-s", "resource_type:seed").stdout, "raw_orders\n")
        self.assertEqual(self.dbt("list", "--output", "path", "-s", "totals").stdout, "models/marts/totals.sql\n")
        lines = self.dbt("list", "--output", "json", "--output-keys", "name", "unique_id", "-s", "totals").stdout
        self.assertEqual(json.loads(lines), {"name": "totals", "unique_id": "model.shop.totals"})

    def test_compile_and_show(self):
        self.dbt("build")
        self.assertIn("sum(amount) as total", self.dbt("compile", "--select", "totals").stdout)
        self.assertTrue((self.project / "target/compiled/shop/models/marts/totals.sql").is_file())
        self.assertIn("29", self.dbt("show", "--select", "totals").stdout)
        shown = self.dbt("show", "--select", "orders", "--output", "json", "--limit", "1", "--quiet").stdout
        printed, _, rows = shown.partition("\n")
        self.assertEqual(printed, "orders for dev")
        self.assertEqual(len(json.loads(rows)["show"]), 1)

    def test_queries_with_templates_need_no_model(self):
        self.dbt("build")
        self.write("models/tiny.sql", "{{ config(materialized='ephemeral') }} select 7 as seven")
        query_text = "select count(*) as n, max(seven) as seven from {{ ref('orders') }} cross join {{ ref('tiny') }}"
        self.assertIn("__dbt__cte__tiny", self.dbt("compile", "--inline", query_text).stdout)
        shown = self.dbt("show", "--inline", query_text, "--output", "json", "--quiet").stdout
        self.assertEqual(json.loads(shown)["show"], [{"n": 3, "seven": 7}])
        shown = self.dbt("show", "--inline-direct", "select 1 as a", "--output", "json", "--quiet").stdout
        self.assertEqual(json.loads(shown)["show"], [{"a": 1}])
        self.assertIn("orders", self.dbt("show", "--inline", "from {{ ref('order') }}", code=2).stderr)

    def test_what_does_no_harm_is_a_warning(self):
        self.write(
            "models/odd.yml",
            "sources: [{name: raw, tabels: [], tables: [{name: rows}]}]\n"
            "unit_tests: [{name: counts, model: orders, given: [], expect: {rows: []}}]\n",
        )
        for command in ("parse", "compile"):
            told = self.dbt(command).stderr
            self.assertIn("models/odd.yml:1", told)
            self.assertIn("did you mean 'tables'?", told)
        self.assertNotIn("warning", self.dbt("parse", "--quiet").stderr)
        self.assertIn("tabels", self.dbt("parse", "--warn-error", code=2).stderr)

    def test_parse_and_debug_say_what_there_is(self):
        self.assertIn("Found 2 models, 2 data tests, 1 seed", self.dbt("parse").stdout)
        debug = self.dbt("debug").stdout
        self.assertIn("analytics", debug)
        self.assertIn("All checks passed!", debug)
        self.assertFalse((self.project / "target/lake").exists(), "looking makes no lake")

    def test_an_operation_calls_a_macro(self):
        self.write("macros/count.sql", "{% macro count(of) %}{% do print(run_query('select count(*) from ' ~ ref(of)).rows[0][0] ~ ' rows') %}{% endmacro %}")
        self.dbt("build")
        self.assertIn("3 rows", self.dbt("run-operation", "count", "--args", "{of: orders}").stdout)
        (result,) = self.artefact("run_results.json")["results"]
        self.assertEqual((result["unique_id"], result["status"], result["failures"]), ("macro.shop.count", "success", 0))
        self.assertIn("nothing", self.dbt("run-operation", "count", "--args", "{of: nothing}", code=1).stderr)
        self.assertIn("did you mean 'count'?", self.dbt("run-operation", "cuont", code=2).stderr)

    def test_freshness_is_judged_and_written(self):
        self.write("seeds/loads.csv", "id,loaded\n1,2020-01-01 00:00:00\n")
        freshness = "{warn_after: {count: 1, period: day}, error_after: {count: 2, period: day}}"
        self.write(
            "models/sources.yml",
            "sources: [{name: raw, schema: analytics, config: {freshness: " + freshness + "}, tables: ["
            "{name: loads, config: {loaded_at_field: loaded}}, {name: commits, identifier: loads}]}]\n",
        )
        self.dbt("seed")
        told = self.dbt("source", "freshness", code=1).stdout
        self.assertIn("raw.loads", told)
        self.assertIn("Done. PASS=1 WARN=0 ERROR=1 SKIP=0 NO-OP=0 TOTAL=2", told)
        statuses = {one["unique_id"]: one["status"] for one in self.artefact("sources.json")["results"]}
        self.assertEqual(statuses, {"source.shop.raw.loads": "error", "source.shop.raw.commits": "pass"})

    def test_unit_tests_and_hooks_of_the_run_are_counted(self):
        self.write("models/unit.yml", "unit_tests: [{name: sums, model: totals, given: [{input: ref('orders'), rows: [{amount: 2}, {amount: 3}]}], "
                   "expect: {rows: [{total: 6}]}}]\n")  # fmt: skip
        self.write("dbt_project.yml", FILES["dbt_project.yml"] + "on-run-end: \"{{ print('ended with ' ~ results | length) }}\"\n")
        told = self.dbt("build", code=1).stdout
        self.assertIn("---      6\n       +++      5", told)
        self.assertIn("ended with 6", told)
        self.assertIn("Done. PASS=5 WARN=0 ERROR=1 SKIP=1 NO-OP=0 TOTAL=7", told)

    def artefact(self, name):
        return json.loads((self.project / "target" / name).read_text(encoding="utf-8"))

    def test_a_build_leaves_the_artefacts_of_dbt(self):
        self.dbt("build", "--vars", "{day: monday}", DBT_ENV_CUSTOM_ENV_CI="7")
        manifest = self.artefact("manifest.json")
        self.assertEqual(manifest["metadata"]["dbt_schema_version"], "https://schemas.getdbt.com/dbt/manifest/v12.json")
        self.assertEqual(manifest["metadata"]["env"], {"CI": "7"})
        totals = manifest["nodes"]["model.shop.totals"]
        self.assertEqual(totals["relation_name"], '"lake"."analytics"."totals"')
        self.assertEqual(totals["compiled_path"], "target/compiled/shop/models/marts/totals.sql")
        self.assertIn("'monday' as day", totals["compiled_code"])
        self.assertEqual(totals["config"]["materialized"], "table")
        self.assertEqual(manifest["parent_map"]["model.shop.totals"], ["model.shop.orders"])
        self.assertIn("model.shop.totals", manifest["child_map"]["model.shop.orders"])
        results = self.artefact("run_results.json")
        self.assertEqual(results["metadata"]["invocation_id"], manifest["metadata"]["invocation_id"])
        statuses = {result["unique_id"].split(".")[2]: result["status"] for result in results["results"]}
        self.assertEqual(statuses["orders"], "success")
        self.assertEqual(statuses["unique_orders_id"], "pass")
        self.assertEqual(results["args"]["which"], "build")
        self.assertEqual(results["args"]["vars"], {"day": "monday"})

    def test_without_write_json_there_are_none(self):
        self.dbt("build", "--no-write-json")
        self.assertFalse((self.project / "target/manifest.json").exists())
        self.assertFalse((self.project / "target/run_results.json").exists())

    def test_docs_generate_writes_the_catalogue(self):
        self.dbt("build")
        self.dbt("docs", "generate")
        nodes = self.artefact("catalog.json")["nodes"]
        self.assertEqual(nodes["model.shop.totals"]["columns"]["total"]["index"], 1)
        self.assertEqual(nodes["seed.shop.raw_orders"]["stats"]["row_count"]["value"], 3)
        self.assertEqual(nodes["model.shop.orders"]["metadata"]["type"], "VIEW")
        self.dbt("docs", "generate", "--empty-catalog")
        self.assertEqual(self.artefact("catalog.json")["nodes"], {})

    def test_docs_generate_writes_a_page_that_needs_nothing_beside_it(self):
        self.dbt("docs", "generate")
        page = (self.project / "target/index.html").read_text(encoding="utf-8")
        data = json.loads(page.split('id="data">')[1].split("</script>")[0])
        nodes = {node["id"]: node for node in data["nodes"]}
        total = nodes["model.shop.totals"]["columns"][0]
        source, column, how = total["from"][0]
        self.assertEqual((data["nodes"][source]["id"], column, how), ("model.shop.orders", "amount", 2))
        # Tools that begin with the manifest find the lineage beside it.
        lineage = self.artefact(self.artefact("manifest.json")["metadata"]["env"]["smelt_column_lineage"])
        self.assertIn("model.shop.totals", lineage["nodes"])
        self.dbt("docs", "generate", "--static")
        self.assertEqual((self.project / "target/static_index.html").read_text(encoding="utf-8"), page)

    def test_docs_are_served_to_this_machine(self):
        self.assertIn("docs generate", self.dbt("docs", "serve", code=2).stderr)
        self.dbt("docs", "generate")
        server = smelt_program.start("docs", "serve", "--port", "0", "--no-browser", cwd=self.project)
        address = server.stdout.readline().split()[-1]
        try:
            with urllib.request.urlopen(address + "/") as answer:
                self.assertIn(b'id="data"', answer.read())
            with urllib.request.urlopen(address + "/manifest.json?x") as answer:
                self.assertIn("nodes", json.loads(answer.read()))
            elsewhere = urllib.request.Request(address, headers={"Host": "elsewhere.example"})
            for request, status in ((address + "/lake", 404), (address + "/../dbt_project.yml", 404), (elsewhere, 403)):
                with self.assertRaises(urllib.error.HTTPError) as refused:
                    urllib.request.urlopen(request)
                self.assertEqual(refused.exception.code, status)
                refused.exception.close()
        finally:
            server.send_signal(signal.SIGINT)
            server.communicate(timeout=60)
        self.assertEqual(server.returncode, 0)

    def test_lineage_needs_nothing_built(self):
        text = self.dbt("lineage", "totals.total").stdout
        self.assertIn("└─ orders.amount  aggregated\n   └─ raw_orders.amount  copy\n", text)
        self.assertIn("raw_orders.amount copy", self.dbt("lineage", "orders").stdout)
        edges = json.loads(self.dbt("lineage", "raw_orders.amount", "--output", "json", "--downstream").stdout)["edges"]
        self.assertEqual({edge["to"]["node"] for edge in edges}, {"model.shop.orders", "model.shop.totals"})
        self.assertIn("digraph lineage", self.dbt("lineage", "orders.id", "--output", "dot").stdout)
        self.assertIn("0 nodes traced now", self.dbt("lineage").stdout)
        self.assertIn("did you mean totals.total?", self.dbt("lineage", "totals.totl", code=2).stderr)

    def test_errors_of_the_engine_name_the_line_of_the_template(self):
        self.write("macros/half.sql", "{% macro half(c) %}\n{{ c }} /\n  tow\n{% endmacro %}\n")
        self.write("models/orders.sql", "select\n{% for c in ['id'] %}\n{{ c }},\n{% endfor %}\n{{ half('amount') }} as h\n"
                   "from {{ ref('raw_orders') }}\n")
        output = self.dbt("build", code=1)
        shown = output.stdout + output.stderr
        self.assertIn("models/orders.sql:5", shown)
        self.assertIn("in macro half (macros/half.sql:3), called from models/orders.sql:5", shown)
    def test_state_deferral_and_clones(self):
        self.dbt("build", "--target", "prod")
        state = self.project / "state"
        state.mkdir()
        (self.project / "target/manifest.json").rename(state / "manifest.json")
        self.write("models/marts/totals.sql", "select sum(amount) + 1 as total from {{ ref('orders') }}")
        changed = self.dbt("ls", "--select", "state:modified", "--output", "name", DBT_STATE="state")
        self.assertEqual(changed.stdout.split(), ["totals"])
        self.dbt("run", "--select", "state:modified", "--state", "state", "--defer")
        self.assertEqual(self.rows("select total from analytics.totals"), [{"total": 30}])
        self.dbt("clone", "--state", "state")
        self.assertEqual(self.rows("select total from analytics.totals"), [{"total": 30}])
        self.assertEqual(self.rows("select count(*) as n from analytics.orders"), [{"n": 3}])
        self.assertIn("--state", self.dbt("run", "--defer", code=2).stderr)

    def test_selectors_and_what_they_do_not_find(self):
        self.write("selectors.yml", "selectors: [{name: few, definition: {method: fqn, value: orders}}]")
        listed = self.dbt("ls", "--selector", "few", "--output", "name").stdout.split()
        self.assertEqual(listed, ["orders", "not_null_orders_id", "unique_orders_id"])
        self.assertEqual(self.dbt("ls", "--models", "orders").stdout.split(), ["shop.orders"])
        nothing = self.dbt("run", "--select", "oders")
        self.assertIn("does not match any enabled nodes", nothing.stderr)
        self.assertIn("did you mean 'orders'?", nothing.stderr)
        self.dbt("run", "--select", "oders", "--warn-error", code=2)
        self.assertIn("did you mean 'tag:'?", self.dbt("ls", "--select", "tga:x", code=2).stderr)

    def test_retry_runs_what_failed_and_what_was_skipped(self):
        self.dbt("retry", code=2)
        self.write("models/orders.sql", "select no_such_column from {{ ref('raw_orders') }}")
        self.dbt("build", "--vars", "{day: friday}", code=1)
        statuses = {result["unique_id"]: result["status"] for result in self.artefact("run_results.json")["results"]}
        self.assertEqual(statuses["model.shop.orders"], "error")
        self.assertEqual(statuses["model.shop.totals"], "skipped")
        self.write("models/orders.sql", FILES["models/orders.sql"])
        self.assertIn("Done. PASS=4 WARN=0 ERROR=0 SKIP=0 NO-OP=0 TOTAL=4", self.dbt("retry").stdout)
        self.assertEqual(self.rows("select day from analytics.totals"), [{"day": "friday"}])
        self.assertIn("Nothing to do", self.dbt("retry").stdout)

    def test_runs_can_be_logged_as_events(self):
        self.write("models/orders.sql", FILES["models/orders.sql"] + " union all select 1, 2")
        lines = self.dbt("build", "--log-format", "json", code=1).stdout.splitlines()
        events = [json.loads(line) for line in lines]
        names = [event["info"]["name"] for event in events]
        self.assertEqual(names[0], "MainReportVersion")
        self.assertEqual(names.count("LogStartLine"), 4)
        self.assertIn("JinjaLogInfo", names)
        self.assertEqual(events[-1]["data"]["stats"], {"error": 1, "noop": 0, "pass": 3, "skip": 1, "total": 5, "warn": 0})
        (failed,) = [event for event in events if event["info"]["level"] == "error"]
        self.assertEqual(failed["data"]["status"], "FAIL")
        self.assertEqual(failed["data"]["num_failures"], 1)

    def test_deps_installs_folders(self):
        (self.folder / "utils/macros").mkdir(parents=True)
        (self.folder / "utils/dbt_project.yml").write_text("name: utils\nversion: '1'\n", encoding="utf-8")
        self.write("packages.yml", "packages: [{local: ../utils}]\n")
        self.assertIn("utils", self.dbt("deps").stdout)
        self.assertTrue((self.project / "dbt_packages/utils/dbt_project.yml").is_file())
        self.write("packages.yml", "packages: [{local: ../no-such-folder}]\n")
        self.assertIn("packages.yml:1", self.dbt("deps", code=2).stderr)
        self.write("packages.yml", "packages: [{package: a/b, version: 1.0.0}]\n")
        refused = self.dbt("deps", code=3, DBT_PACKAGE_HUB_URL="http://127.0.0.1:9/")
        self.assertIn("git:", refused.stderr)

    def test_packages_are_added_to_what_is_written(self):
        for name in ("utils", "extra-lib"):
            (self.folder / name).mkdir()
            (self.folder / name / "dbt_project.yml").write_text(f"name: {name.replace('-', '_')}\nversion: '1'\n", encoding="utf-8")
        self.dbt("deps", "--add-package", "../utils", "--source", "local")
        self.assertTrue((self.project / "dbt_packages/utils").is_dir())
        self.write("packages.yml", "# ours\npackages:\n  - local: ../utils  # tools\n\n  - package: a/extra_lib\n    version: 1.0.0\n")
        self.dbt("deps", "--lock", "--add-package", "../extra-lib", "--source", "local")
        self.assertEqual((self.project / "packages.yml").read_text(encoding="utf-8"),
                         '# ours\npackages:\n  - local: ../utils  # tools\n\n  - local: "../extra-lib"\n')  # fmt: skip
        self.assertIn("extra_lib", (self.project / "package-lock.yml").read_text(encoding="utf-8"))
        self.assertFalse((self.project / "dbt_packages/extra_lib").exists(), "--lock installs nothing")
        self.write("packages.yml", "packages: [{local: ../utils}]\n")
        self.assertIn("packages.yml:1", self.dbt("deps", "--add-package", "a/b@1.0.0", code=2).stderr)

    def test_runs_are_logged_to_a_file(self):
        self.dbt("build")
        lines = (self.project / "logs/dbt.log").read_text(encoding="utf-8").splitlines()
        self.assertTrue(lines[0].startswith("=====") and "|" in lines[0], lines[0])
        self.assertTrue(any("[info ] [MainThread]: OK model analytics.totals" in line for line in lines), lines)
        self.dbt("build", "--log-path", "elsewhere", "--log-format-file", "json", "--log-level-file", "info")
        for line in (self.project / "elsewhere/dbt.log").read_text(encoding="utf-8").splitlines():
            self.assertEqual(set(json.loads(line)), {"data", "info"})
        self.dbt("build", "--log-level-file", "none", DBT_LOG_PATH="none")
        self.assertFalse((self.project / "none").exists())
        self.dbt("build", "--log-file-max-bytes", "10")
        self.assertTrue((self.project / "logs/dbt.log.1").exists())

    def test_warnings_are_errors_or_silent_by_their_names(self):
        self.dbt("seed")
        nothing = ["run", "--select", "oders", "--warn-error-options"]
        self.dbt(*nothing, "{error: [NoNodesForSelectionCriteria]}", code=2)
        self.dbt(*nothing, "{error: all}", code=2)
        self.assertIn("oders", self.dbt(*nothing, "{error: all, warn: [NoNodesForSelectionCriteria]}").stderr)
        self.assertNotIn("oders", self.dbt(*nothing, "{silence: [NoNodesForSelectionCriteria]}").stderr)
        self.assertIn("no key", self.dbt(*nothing, "{errors: all}", code=2).stderr)
        self.write("models/schema.yml", "models: [{name: orders, columns: [{name: amount, data_tests: [{accepted_values: "
                   "{arguments: {values: [10]}, config: {severity: warn}}}]}]}]\n")  # fmt: skip
        self.assertIn("WARN=1", self.dbt("build").stdout)
        self.assertIn("ERROR=1", self.dbt("build", "--warn-error-options", "{error: [LogTestResult]}", code=1).stdout)
        self.write("dbt_project.yml", FILES["dbt_project.yml"] + "flags: {warn_error_options: {error: [LogTestResult]}}\n")
        self.assertIn("ERROR=1", self.dbt("build", code=1).stdout)

    def test_projects_say_which_releases_they_take(self):
        self.write("dbt_project.yml", FILES["dbt_project.yml"] + "require-dbt-version: ['>=1.3.0', '<1.9.0']\n")
        self.assertIn("<1.9.0", self.dbt("parse", code=2).stderr)
        self.dbt("parse", "--no-version-check")
        self.write("dbt_project.yml", FILES["dbt_project.yml"] + "require-dbt-version: '>=1.3.0,<2.0.0'\n")
        self.dbt("parse")

    def test_seeds_are_shown_when_that_is_asked_for(self):
        shown = self.dbt("seed", "--show").stdout
        self.assertIn("Sample of table: analytics.raw_orders", shown)
        self.assertIn("3 rows", shown)

    def test_clean_keeps_the_lake(self):
        self.dbt("build")
        self.assertIn("kept the lake", self.dbt("clean").stdout)
        self.assertFalse((self.project / "target/compiled").exists())
        self.assertEqual(len(self.rows("from analytics.orders")), 3)
        self.write("dbt_project.yml", FILES["dbt_project.yml"] + "clean-targets: ['../..']\n")
        self.dbt("clean", code=2)
        self.assertTrue(self.project.is_dir())


if __name__ == "__main__":
    unittest.main()
