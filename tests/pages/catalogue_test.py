"""The pages around the dashboards in a real browser: gallery, tables, pipelines and runs, quality, SQL."""

import unittest

from served_site import SiteTest
from smelt_program import tables

SETTLED = "!!document.querySelector('main') && !document.querySelector('.skeleton, [aria-busy=true]')"


class CatalogueTest(SiteTest):
    server_arguments = ()  # with the scheduler, which runs what is begun from a page

    def visit(self, path):
        self.open(path, SETTLED)

    def test_the_gallery_names_owners_and_is_searched(self):
        self.visit("/")
        cards = self.page.texts(".gallery a[href^='/dashboards/']")
        self.assertEqual(len(cards), 2, cards)
        self.assertIn("Finance", " ".join(cards))
        self.page.click("input[type=search]")
        self.page.type("come back")
        self.page.until("document.querySelectorAll(\".gallery a[href^='/dashboards/']\").length === 1")
        self.page.click(".gallery a[href^='/dashboards/']")
        self.page.until("location.pathname === '/dashboards/customers'")

    def test_a_name_that_is_not_there_is_told(self):
        self.allowed_complaints = ("404",)
        self.visit("/dashboards/nowhere")
        self.assertIn("nothing here", self.page.text("main"))

    def test_the_theme_is_chosen_and_kept(self):
        self.visit("/")
        self.page.click("header [aria-label*='dark' i], header [aria-label*='light' i], header [title*='theme' i]")
        self.page.until("document.documentElement.dataset.theme === 'dark'")
        self.page.call("Page.reload")
        self.page.until(SETTLED)
        self.assertEqual(self.page.evaluate("document.documentElement.dataset.theme"), "dark")
        self.page.evaluate("localStorage.clear()")

    def test_tables_are_listed_by_layer_with_their_rows(self):
        self.visit("/tables")
        links = self.page.evaluate("[...document.querySelectorAll(\"main a[href^='/tables/']\")].map((e) => e.getAttribute('href'))")
        self.assertLessEqual({f"/tables/{name.replace('.', '/')}" for name in tables(self.lake)}, set(links))
        self.page.click("main a", "monthly_revenue")
        self.page.until("location.pathname === '/tables/gold/monthly_revenue'")
        self.page.until("document.querySelector('[aria-label^=\"Rows of\"] tbody tr')")
        (count,) = self.query("select count(*) as n from gold.monthly_revenue")
        self.assertIn(f"{count['n']} rows", self.page.text("main header"))
        self.assert_accessible()

    def test_a_statement_gives_its_rows(self):
        self.visit("/sql")
        self.page.evaluate("document.querySelector('textarea').select()")
        self.page.type("select 6 * 7 as answer")
        self.page.click("button", "Run")
        self.page.until("document.querySelector('main tbody td')?.innerText.trim() === '42'")
        self.assert_accessible()

    def test_a_statement_that_is_wrong_says_why(self):
        self.allowed_complaints = ("status of 4",)
        self.visit("/sql")
        self.page.evaluate("document.querySelector('textarea').select()")
        self.page.type("select revenu from gold.daily_revenue")
        self.page.click("button", "Run")
        self.page.until("document.querySelector('[role=alert]')")
        self.assertIn("revenu", self.page.text("[role=alert]"))

    def test_a_pipeline_is_run_from_its_page(self):
        self.visit("/pipelines/hello")
        self.page.click("button", "Run now")
        self.page.until("location.pathname.startsWith('/runs/')")
        self.page.until("document.querySelector('main header .status.ok')")
        self.assertIn("say", self.page.text(".tasks"))
        self.shoot("run-light")

    def test_quality_tells_the_verdict_of_each_suite(self):
        self.visit("/quality")
        shown = self.page.texts("main tbody tr td:first-child")
        self.assertTrue(shown)
        self.page.click("main tbody a")
        self.page.until("location.pathname.startsWith('/quality/') && document.querySelector('main tbody td')")

    def test_axe_finds_nothing_and_pictures_for_people(self):
        pages = {"gallery": "/", "tables": "/tables", "table": "/tables/gold/daily_revenue", "pipelines": "/pipelines",
                 "pipeline": "/pipelines/hello", "quality": "/quality", "sql": "/sql"}  # fmt: skip
        for scheme in ("light", "dark"):
            self.page.prefer(scheme)
            for name, path in pages.items():
                with self.subTest(scheme=scheme, page=name):
                    self.visit(path)
                    self.shoot(f"{name}-{scheme}")
                    self.assert_accessible()
        self.page.size(390, 844, phone=True)
        for name, path in pages.items():
            with self.subTest(page=name, width=390):
                self.visit(path)
                self.assertLessEqual(self.page.evaluate("document.documentElement.scrollWidth"), 390)
                self.shoot(f"{name}-phone")


if __name__ == "__main__":
    unittest.main()
