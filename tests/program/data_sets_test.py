"""`smelt generate physical` and `smelt generate file`: files, drops, options and mistakes, as their users see them."""

import csv
import json
import unittest

from smelt_program import ROOT, LakeTest, smelt, smelt_ok

NAMES = {"products", "recipes", "customers", "orders", "order_lines", "shipments", "returns", "waste", "quality"}
SMALL = ("--scale", "0.02", "--seed", "7")


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows(path):
    with open(path, newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


class DataSetsTest(LakeTest):
    def test_files_and_drops(self):
        made = self.folder / "made"
        result = smelt_ok("generate", "physical", *SMALL, "--out", made, "--extra-days", "2", "--json")
        told = {line["file"]: line for line in map(json.loads, result.stdout.splitlines())}
        files = contents(made)
        self.assertEqual(set(files), set(told))
        self.assertEqual({name.removesuffix(".csv") for name in files if "/" not in name}, NAMES)
        drops = {name.split("/")[0] for name in files if "/" in name}
        self.assertEqual(drops, {"2026-01-01", "2026-01-02"})
        for name, bytes_ in files.items():
            self.assertEqual(len(bytes_), told[name]["bytes"], name)
            self.assertEqual(bytes_.count(b"\n") - 1, told[name]["rows"], name)
            self.assertNotIn(b"\r", bytes_)
        ids = [row["order_id"] for row in rows(made / "2026-01-02/orders.csv")]
        self.assertTrue(ids and all(order.startswith("O20260102-") for order in ids), ids)

        only = self.folder / "only"
        smelt_ok("generate", "physical", *SMALL, "--out", only, "--extra-days", "1", "--first-extra-day", "2", "--no-base")
        self.assertEqual(contents(only), {name: text for name, text in files.items() if name.startswith("2026-01-02/")})

    def test_the_built_in_description_is_one_like_any_other(self):
        smelt_ok("generate", "physical", *SMALL, "--out", self.folder / "physical", "--threads", "2")
        description = ROOT / "src/generate/data_sets/physical.yml"
        smelt_ok("generate", "file", description, *SMALL, "--out", self.folder / "described", "--threads", "1")
        self.assertEqual(contents(self.folder / "physical"), contents(self.folder / "described"))

    def test_clean_data_adds_up(self):
        made = self.folder / "clean"
        smelt_ok("generate", "physical", *SMALL, "--out", made, "--dirt", "0")
        cents = {}
        for line in rows(made / "order_lines.csv"):
            amount = line["line_total"].replace(".", "")
            cents[line["order_id"]] = cents.get(line["order_id"], 0) + int(amount)
        orders = rows(made / "orders.csv")
        self.assertEqual(set(cents), {order["order_id"] for order in orders})
        for order in orders:
            total = cents[order["order_id"]] + int(order["shipping_amount"].replace(".", ""))
            self.assertEqual(int(order["order_total"].replace(".", "")), total, order)

    def test_mistakes_name_their_place(self):
        path = self.folder / "shop.yml"
        path.write_text(
            "period: {from: 2024-01-01, to: 2024-01-31}\ntables:\n  sales:\n    daily: 10\n    columns:\n"
            "      amount: {sql: 1 + no_such_name}\n",
            encoding="utf-8",
        )
        result = smelt("generate", "file", path, "--out", self.folder / "shop")
        self.assertEqual(result.returncode, 2)
        self.assertIn("shop.yml:6", result.stderr)
        self.assertIn("no_such_name", result.stderr)
        result = smelt("generate", "file", self.folder / "missing.yml", "--out", self.folder / "shop")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("missing.yml", result.stderr)


if __name__ == "__main__":
    unittest.main()
