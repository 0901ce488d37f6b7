"""`smelt report`: the figures of the HTML and the PDF are those of SQL, mistakes are told with file and line."""

import html
import json
import os
import re
import shutil
import subprocess
import unittest

import smelt_program
from smelt_program import ROOT, LakeTest, query, scalar, smelt, smelt_ok

TAGS = re.compile(r"<(style|pre)\b.*?</\1>|<[^>]*>", re.DOTALL)


def words(text):
    """Text with every kind of space as one space."""
    return " ".join(text.replace("\u00a0", " ").split())


def money(value):
    return f"R$ {value:,.0f}"


class ReportsTest(LakeTest):
    @classmethod
    def setUpClass(cls):
        cls.data = smelt_program.small_data()
        cls.demo = cls.data.parent / f"{cls.data.name}-report-lake"
        cls.addClassCleanup(shutil.rmtree, cls.demo, ignore_errors=True)
        smelt_ok("demo", "--scale", smelt_program.SMALL_SCALE, "--lake", cls.demo)

    def report(self, name, *arguments, project=ROOT / "projects/olist"):
        out = self.folder / "out"
        smelt_ok("report", name, "--format", "html,pdf", "--out", out, "--project-dir", project, "--lake", self.demo, *arguments)
        return out / f"{name}.html", out / f"{name}.pdf"

    def pdf_text(self, path):
        return words(subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout)

    def html_text(self, path):
        return words(html.unescape(TAGS.sub(" ", path.read_text(encoding="utf-8"))))

    def test_figures_of_the_day_are_those_of_sql_on_both_papers(self):
        page, document = self.report("daily_kpi")
        day, revenue, orders = query(
            self.demo,
            "select date::varchar as d, revenue::double as r, orders as o from gold.daily_revenue order by date desc limit 1",
        )[0].values()
        month = scalar(
            self.demo,
            f"select sum(revenue)::double from gold.daily_revenue where date >= date_trunc('month', date '{day}')",
        )
        for text in (self.html_text(page), self.pdf_text(document)):
            self.assertIn(f"Revenue was {money(float(revenue))} from {int(orders):,} orders", text)
            self.assertIn(money(float(month)), text)
            self.assertIn("gold.daily_revenue", text)
            self.assertIn("Where these figures come from", text)

    def test_a_day_of_the_past_can_be_asked_for(self):
        page, _ = self.report("daily_kpi", "--date", "2018-05-24")
        revenue = scalar(self.demo, "select revenue::double from gold.daily_revenue where date = date '2018-05-24'")
        self.assertIn(f"Revenue was {money(float(revenue))}", self.html_text(page))
        self.assertIn("24 May 2018", self.html_text(page))

    def test_the_week_is_on_a_few_pages_and_has_letters_with_accents(self):
        page, document = self.report("weekly_summary")
        information = subprocess.run(["pdfinfo", document], capture_output=True, text=True, check=True).stdout
        self.assertRegex(information, r"Pages:\s+[234]\n")
        self.assertRegex(information, r"Title:\s+Weekly summary of the marketplace")
        self.assertIn("São Paulo", self.pdf_text(document))
        self.assertIn("São Paulo", self.html_text(page))

    def test_a_dashboard_of_metrics_goes_on_paper(self):
        page, document = self.report("churn")
        churned = int(scalar(self.demo, "select count(*) from silver.customer_segments where recency_days > 180"))
        self.assertGreater(churned, 0)
        for text in (self.html_text(page), self.pdf_text(document)):
            self.assertIn(f"{churned:,}", text)

    def test_html_needs_nothing_from_elsewhere(self):
        page, _ = self.report("daily_kpi")
        text = page.read_text(encoding="utf-8")
        for forbidden in ("<script", " src=", "url(", "@import", "<link", "<iframe"):
            self.assertNotIn(forbidden, text)
        self.assertIn('<html lang="en">', text)
        self.assertIn("aria-label=", text)

    def test_json_tells_the_files(self):
        out = self.folder / "out"
        done = smelt_ok("report", "daily_kpi", "--format", "pdf", "--out", out, "--json", "--project-dir",
                        ROOT / "projects/olist", "--lake", self.demo)  # fmt: skip
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([(line["report"], line["format"]) for line in lines], [("daily_kpi", "pdf")])
        self.assertEqual(lines[0]["bytes"], (out / "daily_kpi.pdf").stat().st_size)

    def test_reports_are_listed(self):
        done = smelt_ok("report", "list", "--json", "--project-dir", ROOT / "projects/olist")
        self.assertEqual({json.loads(line)["report"] for line in done.stdout.splitlines()}, {"daily_kpi", "weekly_summary"})

    def project(self, report):
        folder = self.folder / "project"
        (folder / "reports").mkdir(parents=True)
        (folder / "smelt.yml").write_text("name: shop\n", encoding="utf-8")
        (folder / "reports/sales.yml").write_text(report, encoding="utf-8")
        return folder

    def fails(self, report, *expected):
        done = smelt("report", "sales", "--project-dir", self.project(report), "--lake", self.demo)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        for text in expected:
            self.assertIn(text, done.stderr)

    def test_a_mistake_in_the_file_has_its_line(self):
        self.fails("name: sales\ntitle: Sales\npages:\n  - name: p\n    tiles:\n      - {name: t, type: lines, x: a, y: b, sql: select 1}\n",
                   "sales.yml:6", "'line'")  # fmt: skip

    def test_a_column_that_is_not_there_has_its_tile(self):
        self.fails("name: sales\ntitle: Sales\npages:\n  - name: p\n    tiles:\n"
                   "      - {name: t, type: big_number, title: T, value: revenu, sql: select 1 as revenue}\n",
                   "sales.yml:6", "'revenue'")  # fmt: skip

    def test_a_figure_that_is_not_there_has_its_line(self):
        self.fails("name: sales\ntitle: Sales\npages:\n  - name: p\n    tiles:\n"
                   "      - {name: t, type: text, text: 'Revenue was {revenue.change}.'}\n",
                   "sales.yml:6", "revenue.change")  # fmt: skip

    def test_changes_are_refused(self):
        done = smelt("report", "sales", "--project-dir", self.project(
            "name: sales\ntitle: Sales\npages:\n  - name: p\n    tiles:\n"
            "      - {name: t, type: table, title: T, sql: delete from gold.daily_revenue}\n"),
            "--lake", self.demo)  # fmt: skip
        self.assertNotEqual(done.returncode, 0)
        self.assertGreater(int(scalar(self.demo, "select count(*) from gold.daily_revenue")), 0)

    def test_an_unknown_name_is_told_with_the_nearest(self):
        done = smelt("report", "daily_kpis", "--project-dir", ROOT / "projects/olist", "--lake", self.demo)
        self.assertEqual(done.returncode, 2)
        self.assertIn("'daily_kpi'", done.stderr)

    def test_a_pipeline_writes_reports(self):
        folder = self.project("name: sales\ntitle: Sales\npages:\n  - name: p\n    tiles:\n"
                              "      - {name: t, type: big_number, title: T, value: n, sql: select 42 as n}\n")  # fmt: skip
        (folder / "pipelines").mkdir()
        (folder / "pipelines/morning.yml").write_text(
            "name: morning\ntasks:\n  - {name: write, type: report, with: {reports: sales}}\n", encoding="utf-8")
        lake = self.folder / "lake"
        smelt_ok("pipeline", "run", "morning", "--project-dir", folder, "--lake", lake)
        self.assertTrue((folder / "target/reports/sales.pdf").read_bytes().startswith(b"%PDF"))
        self.assertIn("42", self.html_text(folder / "target/reports/sales.html"))


if __name__ == "__main__":
    if shutil.which("pdftotext") is None:
        raise SystemExit("pdftotext is missing: `make setup` installs it")
    os.environ.setdefault("TZ", "UTC")
    unittest.main()
