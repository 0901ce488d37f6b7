"""dbt projects with names that need quoting, and with very many columns: models, columns, schemas, seeds, snapshots, tests."""

import json
import unittest

import smelt_program
from smelt_program import LakeTest, query, smelt

PROFILES = "shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb, schema: 'Grüße an alle', threads: 2}}}\n"
PROJECT = "name: shop\nversion: '1.0'\nprofile: shop\nmodels: {+materialized: table}\nseeds: {+quote_columns: true}\n"
# Reserved words, upper case, spaces, dots, dashes, quotes, other scripts.
NAMES = ["select", "Group", "ORDER", "straße", "日本", "ключ", "with space", "with-dash", "9lives", "naïve"]
COLUMNS = ["id", "Select", "GROUP", "from", "größe", "列", "two words", "a-b", "a.b", "it's", 'quo"te', "1st"]


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


class DbtNamesTest(LakeTest):
    def setUp(self):
        super().setUp()
        self.project = self.folder / "ein Ordner"
        self.write("dbt_project.yml", PROJECT)
        self.write("profiles.yml", PROFILES)

    def write(self, name, text):
        path = self.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def dbt(self, *arguments, code=0):
        result = smelt(*arguments, cwd=self.project, env=smelt_program.environment())
        self.assertEqual(result.returncode, code, f"{arguments}\n{result.stdout}{result.stderr}")
        return result

    def rows(self, sql):
        return query(self.project / "target/lake", sql)

    def statuses(self):
        results = json.loads((self.project / "target/run_results.json").read_text(encoding="utf-8"))["results"]
        return {result["unique_id"]: result["status"] for result in results}

    def write_odd_project(self):
        values = ", ".join(f"id + {i} as {quoted(column)}" for i, column in enumerate(COLUMNS))
        models, snapshots = [], []
        for i, name in enumerate(NAMES):
            kind = ("table", "view", "incremental")[i % 3]
            source = "range(3) r(id)" if i == 0 else "(select 3 * row_number() over () as id from {{ ref('" + NAMES[i - 1] + "') }})"
            self.write(f"models/{name}.sql", "{{ config(materialized='" + kind + "', unique_key='id', schema='Schema " + str(i % 2) + "') }}\n"
                       f"select {values} from {source}")  # fmt: skip
            columns = [{"name": column, "quote": True, "data_tests": ["not_null", "unique"]} for column in COLUMNS]
            models.append({"name": name, "description": f"„{name}“", "columns": columns})
            snapshots.append({"name": f"snap {name}", "relation": f"ref('{name}')",
                              "config": {"strategy": "check", "unique_key": '"two words"', "check_cols": "all"}})  # fmt: skip
        self.write("models/modelle.yml", json.dumps({"models": models}))
        self.write("snapshots/fotos.yml", json.dumps({"snapshots": snapshots}))
        self.write("seeds/Länder & Städte.csv", "ID,Name der Stadt,größe\n1,Köln,1\n2,\"Bonn, am Rhein\",2\n")
        self.write("models/Städte.sql", "select * from {{ ref('Länder & Städte') }}")
        self.write("tests/keine Waisen.sql", 'select * from {{ ref("Städte") }} where "Name der Stadt" is null')

    def test_odd_names_work_everywhere(self):
        self.write_odd_project()
        for _ in range(2):  # the second time over what is there
            self.dbt("build")
            self.assertEqual(set(self.statuses().values()), {"success", "pass"})
        self.assertEqual(self.rows('select "Name der Stadt" as name from "Grüße an alle"."Städte" order by 1'),
                         [{"name": "Bonn, am Rhein"}, {"name": "Köln"}])  # fmt: skip
        for i, name in enumerate(NAMES):
            (row,) = self.rows(f'select count(*) as n, max("it\'s") - max("id") as d from "Grüße an alle_Schema {i % 2}".{quoted(name)}')
            self.assertEqual(row, {"n": 3, "d": 9}, name)
        (row,) = self.rows('select count(*) as n from "Grüße an alle"."snap straße" where dbt_valid_to is null')
        self.assertEqual(row, {"n": 3})
        self.dbt("docs", "generate")
        catalog = json.loads((self.project / "target/catalog.json").read_text(encoding="utf-8"))["nodes"]
        self.assertEqual(list(catalog["model.shop.日本"]["columns"]), COLUMNS)
        self.assertIn("größe", self.dbt("show", "--select", "naïve").stdout)
        self.assertIn("with space.größe", self.dbt("lineage", "snap with space.größe").stdout)
        listed = self.dbt("ls", "--select", "ключ+1", "--resource-type", "model", "--output", "name").stdout
        self.assertEqual(set(listed.splitlines()), {"ключ", "with space"})

    def test_failures_of_odd_columns_are_stored_and_shown(self):
        self.write("models/ORDER.sql", 'select null as "größe", 1 as "two words" union all select 2, 1')
        self.write("models/m.yml", "models: [{name: ORDER, columns: [{name: größe, quote: true, data_tests: [not_null]},"
                   " {name: two words, quote: true, data_tests: [unique, {accepted_values: {values: [2]}}]}]}]\n")  # fmt: skip
        self.dbt("build", "--store-failures", code=1)
        self.assertEqual(sorted(self.statuses().values()), ["fail", "fail", "fail", "success"])
        self.assertEqual(len(self.rows('from "Grüße an alle_dbt_test__audit"."not_null_ORDER__gr_e_"')), 1)

    def write_wide_project(self, count):
        names = [f"column_{i:04}" for i in range(count)]
        values = ", ".join(f"id * {i} as {name}" for i, name in enumerate(names))
        self.write("models/wide.sql", f"select id, {values} from range(20) r(id)")
        self.write("models/merged.sql", "{{ config(materialized='incremental', unique_key='id', on_schema_change='append_new_columns') }}"
                   "select * from {{ ref('wide') }}")  # fmt: skip
        columns = [{"name": name, "data_type": "bigint", "description": f"number {i}", "data_tests": ["not_null"] if i % 10 == 0 else []}
                   for i, name in enumerate(["id", *names])]  # fmt: skip
        expected = {name: 3 * i for i, name in enumerate(names)} | {"id": 3}
        self.write("models/wide.yml", json.dumps({
            "models": [{"name": "wide", "config": {"contract": {"enforced": True}}, "columns": columns}, {"name": "merged"}],
            "unit_tests": [{"name": "keeps_all", "model": "merged", "given": [{"input": "ref('wide')", "rows": [expected]}],
                            "expect": {"rows": [expected]}}]}))  # fmt: skip
        self.write("snapshots/s.yml", json.dumps({"snapshots": [{"name": "kept", "relation": "ref('merged')", "config": {
            "strategy": "check", "unique_key": "id", "check_cols": "all"}}]}))  # fmt: skip
        return names

    def test_very_many_columns_work_everywhere(self):
        for count in (200, 1000):
            with self.subTest(count):
                names = self.write_wide_project(count)
                for _ in range(2):
                    self.dbt("build", "--full-refresh" if count == 1000 else "--no-fail-fast")
                    self.assertEqual(set(self.statuses().values()), {"success", "pass"})
                (row,) = self.rows(f'select count(*) as n, sum({names[-1]}) as total from "Grüße an alle".kept where dbt_valid_to is null')
                self.assertEqual(row, {"n": 20, "total": 190 * (count - 1)})
                self.dbt("docs", "generate")
                catalog = json.loads((self.project / "target/catalog.json").read_text(encoding="utf-8"))["nodes"]
                self.assertEqual(len(catalog["model.shop.wide"]["columns"]), count + 1)
                self.assertIn(names[-1], self.dbt("lineage", f"kept.{names[-1]}").stdout)


if __name__ == "__main__":
    unittest.main()
