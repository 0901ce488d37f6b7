"""The real files of the Olist data set, with their real quirks: every row of every file is in bronze or in quarantine.

$SMELT_OLIST_DATA names a folder with some of the set's files, as CSV or Parquet; what it lacks is generated. Generated
orders know neither the real products and sellers, which the run reports, nor the real payments, at which it stops.
"""

import csv
import os
import shutil
import sys
import unittest
from pathlib import Path

from smelt_program import ROOT, LakeTest, query, scalar, small_data, smelt, smelt_ok, tables

GIVEN = Path(os.environ.get("SMELT_OLIST_DATA") or "/nowhere")


def rows_in(path):
    csv.field_size_limit(sys.maxsize)
    with open(path, newline="", encoding="utf-8-sig") as stream:
        return sum(1 for _ in csv.reader(stream)) - 1


class OlistFilesTest(LakeTest):
    def setUp(self):
        super().setUp()
        self.data = self.folder / "data"
        shutil.copytree(small_data(), self.data)
        self.given = []
        for path in sorted(GIVEN.iterdir()):
            target = self.data / (path.stem + ".csv")
            if path.suffix == ".csv":
                shutil.copyfile(path, target)
            elif path.suffix == ".parquet":
                target.unlink(missing_ok=True)
                smelt_ok("sql", "--lake", self.folder, "-c", f"copy (select * from '{path}') to '{target}' (header)")
            else:
                continue
            self.given.append(target.name)
        self.assertGreater(len(self.given), 0, f"{GIVEN} holds no file of the data set")

    def assert_every_row_is_accounted_for(self):
        """bronze + quarantine = rows of the file, for each of the nine."""
        layers = [table for table in tables(self.lake) if table.startswith(("bronze.", "quarantine."))]
        counts = " union all ".join(f"select '{t}' as place, source_file, count(*) as n from {t} group by all" for t in layers)
        found = {}
        for row in query(self.lake, counts):
            found[row["source_file"]] = found.get(row["source_file"], 0) + row["n"]
        expected = {path.name: rows_in(path) for path in self.data.glob("*.csv")}
        self.assertEqual(len(expected), 9)
        self.assertEqual(found, expected)
        print({name: expected[name] for name in self.given}, file=sys.stderr)

    def test_ingest(self):
        arguments = ("ingest", "--project-dir", ROOT / "projects/olist", "--lake", self.lake, "--data", self.data)
        smelt_ok(*arguments)
        self.assert_every_row_is_accounted_for()
        again = smelt_ok(*arguments)
        self.assertIn("9 steps up to date", again.stdout)
        self.assert_every_row_is_accounted_for()

    def test_demo_beside_generated_files(self):
        result = smelt("demo", "--data", self.data, "--lake", self.lake)
        if "olist_order_payments_dataset.csv" in self.given:
            # Not one payment belongs to an order: a gate says so, after everything before it was built.
            self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
            told = " ".join(result.stdout.split())
            self.assertIn("gold.fact_payments was not changed: suite fact_payments_gold", told)
            self.assertIn("daily failed at 'gold'", told)
            self.assertNotIn("gold.fact_payments", tables(self.lake))
        else:
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assert_every_row_is_accounted_for()
        orders = scalar(self.lake, "select count(*) from bronze.orders")
        self.assertEqual(scalar(self.lake, "select count(distinct order_id) from silver.orders"), orders)
        if "olist_products_dataset.csv" in self.given:
            # Items of products that nobody knows keep their revenue, under a category that says so, and are reported.
            self.assertRegex(result.stdout, r"relationships_\S+: \d+ failing rows")
            sold = scalar(self.lake, "select sum(price + freight_value) from bronze.order_items")
            self.assertEqual(scalar(self.lake, "select sum(revenue) from gold.product_performance"), sold)
            self.assertEqual(query(self.lake, "select category from gold.product_performance"), [{"category": "unknown"}])


if __name__ == "__main__":
    unittest.main()
