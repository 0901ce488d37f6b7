"""Data contracts of a project: rows are held against them at the door, and tables before they change."""

import unittest

from smelt_program import LakeTest, query, scalar, smelt, smelt_ok, tables, versions

SOURCE = """
name: crm
connector: csv
location: data
schema: bronze
tables:
  - name: orders
    files: orders*.csv
    columns:
      - {name: id, type: integer, description: Number}
      - {name: state, type: text, description: How it stands}
      - {name: amount, type: "decimal(10,2)", description: What it costs}
"""

CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: orders
version: 1.0.0
status: active
schema:
  - name: raw
    physicalName: bronze.orders
    properties:
      - {name: id, logicalType: integer, primaryKey: true}
      - name: state
        logicalType: string
        logicalTypeOptions: {maxLength: 6, pattern: "^[a-z]"}
        quality: [{metric: invalidValues, arguments: {validValues: [new, paid, sent]}}]
      - {name: amount, logicalType: number, logicalTypeOptions: {minimum: 0, maximum: 1000}}
  - name: orders
    physicalName: main.orders
    properties:
      - {name: id, logicalType: integer, unique: true, relationships: [{to: raw.id}]}
      - {name: amount, logicalType: number, required: true}
    quality: [{metric: rowCount, mustBeGreaterThan: 1}]
"""


class ContractsTest(LakeTest):
    def setUp(self):
        super().setUp()
        self.project = self.folder / "project"
        for folder in ("sources", "models", "data", "contracts", "pipelines"):
            (self.project / folder).mkdir(parents=True)
        self.write("smelt.yml", "name: shop\n")
        self.write("sources/crm.yml", SOURCE)
        self.write("contracts/orders.yml", CONTRACT)
        self.write("dbt_project.yml", "name: shop\nversion: '1.0'\nmodels: {+materialized: table}\n")
        self.write("models/sources.yml", "sources: [{name: crm, schema: bronze, tables: [{name: orders}]}]\n")
        self.model("select id, amount from {{ source('crm', 'orders') }}")
        self.write("data/orders1.csv", "id,state,amount\n1,new,5.00\n2,paid,7.50\n")
        self.place = ("--project-dir", self.project, "--lake", self.lake)

    def write(self, name, text):
        (self.project / name).write_text(text, encoding="utf-8")

    def model(self, sql):
        self.write("models/orders.sql", sql + "\n")

    def test_rows_that_break_a_contract_do_not_pass_the_door(self):
        self.write("data/orders2.csv", "id,state,amount\n3,lost,1\n4,sent,-1\n5,sent,2000\n,new,1\n6,sent,1000\n7,,2\n")
        smelt_ok("ingest", *self.place)
        self.assertEqual([row["id"] for row in query(self.lake, "select id from bronze.orders order by id")], [1, 2, 6, 7])
        held = query(self.lake, "select column_name, rule from quarantine.orders order by all")
        self.assertEqual(
            [(row["column_name"], row["rule"]) for row in held],
            [("amount", "max"), ("amount", "min"), ("id", "required"), ("state", "set")],
        )
        # A contract that is no longer in force lets them in.
        self.write("contracts/orders.yml", CONTRACT.replace("status: active", "status: retired"))
        smelt("quarantine", "release", "orders", *self.place)
        self.assertEqual(scalar(self.lake, "select count(*) from bronze.orders"), 8)

    def test_a_table_that_would_break_its_contract_stays_as_it_was(self):
        smelt_ok("ingest", *self.place)
        smelt_ok("build", *self.place)
        before = versions(self.lake)
        self.model("select id + 1 as id, amount from {{ source('crm', 'orders') }}")
        refused = smelt("build", *self.place)
        self.assertEqual(refused.returncode, 1, refused.stdout)
        self.assertIn("rows without a match in bronze.orders", refused.stdout + refused.stderr)
        self.assertIn("contracts/orders.yml:20)", " ".join(refused.stderr.split()))
        self.assertEqual(versions(self.lake)["main.orders"], before["main.orders"])
        self.model("select id, amount, 1 as more from {{ source('crm', 'orders') }}")
        self.assertIn("does not know the column more", smelt("build", *self.place).stdout)
        self.write("smelt.yml", "name: shop\ncontracts: {folder: contracts, mode: loose}\n")
        smelt_ok("build", *self.place)
        self.model("select id, amount from {{ source('crm', 'orders') }} limit 1")
        self.assertIn("rows: 1, promised above 1", smelt("build", *self.place).stdout)
        self.write("contracts/orders.yml", CONTRACT.replace("status: active", "status: draft"))
        self.assertIn("promised above 1", smelt_ok("build", *self.place).stdout)

    def test_a_pipeline_checks_all_promises(self):
        self.write("pipelines/p.yml", "name: p\ntasks:\n  - {name: load, type: ingest}\n  - {name: build, type: build, needs: load, "
                                      "with: {audit: false}}\n  - {name: promised, type: contract, needs: build}\n"
                                      "  - {name: after, type: wait, needs: promised, with: {for: 0s}}\n")  # fmt: skip
        smelt_ok("pipeline", "run", "p", *self.place)
        self.model("select id, null::decimal(10, 2) as amount from {{ source('crm', 'orders') }}")
        run = smelt("pipeline", "run", "p", *self.place)
        self.assertEqual(run.returncode, 1, run.stdout)
        self.assertIn("amount required: null values: 2, promised none", run.stdout + run.stderr)
        unknown = "name: p\ntasks:\n  - {name: promised, type: contract, with: {contracts: [order]}}\n"
        self.write("pipelines/p.yml", unknown)
        told = smelt("pipeline", "run", "p", *self.place)
        self.assertEqual(told.returncode, 2, told.stdout)
        self.assertIn("p.yml:3:", told.stderr)
        self.assertIn("did you mean 'orders'?", told.stderr)

    def test_sources_and_contracts_have_to_agree(self):
        for old, new, words in (
            ("name: amount, logicalType: number", "name: price, logicalType: number", "column price"),
            ("{name: amount, logicalType: number", "{name: amount, logicalType: string", "promises string"),
        ):
            with self.subTest(words):
                self.write("contracts/orders.yml", CONTRACT.replace(old, new, 1))
                told = smelt("ingest", *self.place)
                self.assertEqual(told.returncode, 2, told.stdout)
                self.assertIn("contracts/orders.yml:16:", told.stderr)
                self.assertIn(words, told.stderr)
                self.assertIn("hint:", told.stderr)
                self.assertEqual(tables(self.lake), [])
        self.write("smelt.yml", "name: shop\ncontracts: {mode: lose}\n")
        self.assertIn("smelt.yml:2:", smelt("ingest", *self.place).stderr)


if __name__ == "__main__":
    unittest.main()
