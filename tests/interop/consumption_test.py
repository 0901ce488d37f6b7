"""The examples of docs/how-to/use-the-star-schema.md, run over projects/physical: Python by SQL and by Delta, Tableau's SQL."""

import re
import shutil
import subprocess
import sys
import unittest

import psycopg
from physical_files import base_and_days, copy_of_the_project
from served_lake import ServedLakeTest
from smelt_program import ROOT, scalar, smelt_ok

PAGE = ROOT / "docs/how-to/use-the-star-schema.md"


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


class ConsumptionTest(ServedLakeTest):
    TABLES = "select 1"

    def setUp(self):
        super().setUp()
        self.project = copy_of_the_project(self.folder / "project")
        shutil.copytree(base_and_days()[0], self.project / "data/base")
        for pipeline in ("data_ingestion", "dbt_transformation"):
            smelt_ok("pipeline", "run", pipeline, "--project-dir", self.project, "--lake", self.lake)
        self.serve("--project-dir", self.project, "--no-scheduler")

    def run_python(self, text):
        text = text.replace("port=5433", f"port={self.pg_port}").replace("lakes/dev", str(self.lake))
        result = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=120)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def test_the_examples(self):
        months, cursor, delta, feed = (self.run_python(block) for block in blocks("python"))
        self.assertEqual(len(months.splitlines()), 12)
        self.assertEqual(int(cursor), scalar(self.lake, "select sum(quantity) from gold.fact_sales"))
        found = dict(re.findall(r"^(\w+) +([\d,]+\.\d\d)$", delta, re.MULTILINE))
        for channel, total in found.items():
            sql = f"select sum(line_total) from gold.fact_sales where not is_cancelled and channel = '{channel}'"
            self.assertEqual(total, f"{scalar(self.lake, sql):,.2f}")
        self.assertEqual(len(found), 4)
        version, rows = re.fullmatch(r"version (\d+) changed (\d+) rows\n", feed).groups()
        fed = f"select count(*) from table_changes('gold.dim_products', {version})"
        self.assertEqual(int(rows), scalar(self.lake, fed))

        asked = blocks("postgresql")
        self.assertGreaterEqual(len(asked), 5)
        with psycopg.connect(f"host=127.0.0.1 port={self.pg_port} dbname=lake user=me") as connection:
            for statement in asked:
                with self.subTest(statement):
                    cursor = connection.execute(statement)
                    rows = cursor.fetchall()
                    self.assertEqual(bool(rows), "LIMIT 0" not in statement)
                    self.assertTrue(all(column.name for column in cursor.description))
            by_month = connection.execute(asked[0]).fetchall()
            total = connection.execute("select sum(line_total) from gold.fact_sales where not is_cancelled").fetchone()
            self.assertEqual(sum(row[2] for row in by_month), total[0])


if __name__ == "__main__":
    unittest.main()
