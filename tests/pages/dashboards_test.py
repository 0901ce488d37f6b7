"""Dashboards in a real browser: what they show is what SQL gives, filters and addresses agree, commits arrive."""

import json
import unittest
from decimal import Decimal

from served_site import SiteTest

OVERVIEW = "/dashboards/marketplace"


def tile(name, within=""):
    return f'[data-tile="{name}"] {within}'.strip()


class DashboardsTest(SiteTest):
    def figure(self, name):
        """The exact value of a big number."""
        return Decimal(self.page.evaluate(f"document.querySelector('{tile(name, '.big-number')}').dataset.exact"))

    def await_figure(self, name, value, digits=6):
        shown = f"Number(document.querySelector('{tile(name, '.big-number')}')?.dataset.exact)"
        self.page.until(f"Math.abs({shown} - {value}) < 1e-{digits} * Math.max(1, Math.abs({value}))")

    def choose(self, name, entry):
        """An entry of the menu of a tile."""
        self.page.click(tile(name, "[aria-haspopup=menu]"))
        self.page.click(tile(name, "[role=menuitem]"), entry)

    def table_of(self, name):
        """The table view of a chart: its rows as they are shown."""
        self.choose(name, "Show as table")
        self.page.until(f"document.querySelector('{tile(name, 'table.rows tbody tr')}')")
        cells = f"[...document.querySelectorAll('{tile(name, 'table.rows tbody tr')}')].map((r) => [...r.cells].map((c) => c.innerText.trim()))"
        return self.page.evaluate(cells)

    def address(self):
        return self.page.evaluate("location.pathname + location.search")

    def test_big_numbers_are_those_of_sql(self):
        self.open(OVERVIEW)
        period = "date between date '2017-01-01' and date '2018-08-31'"
        (last,) = self.query(f"select sum(revenue) as v from gold.daily_revenue where {period} group by date_trunc('month', date)"
                             " order by date_trunc('month', date) desc limit 1")  # fmt: skip
        self.assertEqual(self.figure("revenue"), Decimal(str(last["v"])))
        (orders,) = self.query(f"select sum(orders) as v from gold.daily_revenue where {period}")
        self.assertEqual(self.figure("orders"), Decimal(str(orders["v"])))
        (rate,) = self.query("select sum(delivered - delayed) / sum(delivered) as v from gold.delivery_sla")
        self.await_figure("on_time", rate["v"])
        self.assertIn("%", self.page.text(tile("on_time", ".big-number")))
        self.assertIn("R$", self.page.text(tile("revenue", ".big-number")))

    def test_charts_have_their_numbers_as_a_table(self):
        self.open(OVERVIEW)
        rows = self.query("select customer_state, orders from gold.delivery_sla order by orders desc, customer_state limit 10")
        self.assertEqual(self.table_of("by_state"), [[row["customer_state"], f"{row['orders']:,}"] for row in rows])
        (fulfilment,) = self.query("select sum(orders) as a, sum(delivered) as b, sum(delivered - delayed) as c from gold.delivery_sla")
        self.assertEqual([int(row[1].replace(",", "")) for row in self.table_of("fulfilment")], [int(v) for v in fulfilment.values()])
        scores = self.query("select review_score, count(*) as n from gold.fact_reviews group by 1 order by 1 desc")
        self.assertEqual([int(row[1].replace(",", "")) for row in self.table_of("scores")], [row["n"] for row in scores])

    def test_bars_are_as_long_as_their_numbers(self):
        self.open(OVERVIEW)
        self.page.until(f"document.querySelector('{tile('by_state', 'canvas')}')")
        rows = self.query("select orders from gold.delivery_sla order by orders desc, customer_state limit 10")
        # The colour of the bars is the one that most pixels have that are neither grey nor see-through.
        script = """(async () => {
          const canvas = document.querySelector(SELECTOR), { width, height } = canvas;
          const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
          const counts = new Map();
          const key = (at) => data[at + 3] < 255 || Math.max(data[at], data[at + 1], data[at + 2]) -
            Math.min(data[at], data[at + 1], data[at + 2]) < 40 ? '' : [data[at], data[at + 1], data[at + 2]].join();
          for (let at = 0; at < data.length; at += 4) if (key(at)) counts.set(key(at), (counts.get(key(at)) ?? 0) + 1);
          const [colour] = [...counts].sort((a, b) => b[1] - a[1])[0];
          const runs = [];
          let inside = false;
          for (let y = 0; y < height; y++) {
            let length = 0;
            for (let x = 0; x < width; x++) if (key((y * width + x) * 4) === colour) length++;
            if (length > 0 && !inside) runs.push(0);
            inside = length > 0;
            if (inside) runs[runs.length - 1] = Math.max(runs[runs.length - 1], length);
          }
          return runs;
        })()""".replace("SELECTOR", json.dumps(tile("by_state", "canvas")))
        lengths = self.page.evaluate(script)
        self.assertEqual(len(lengths), len(rows))
        for row, length in zip(rows, lengths, strict=True):
            self.assertAlmostEqual(length / lengths[0], row["orders"] / rows[0]["orders"], delta=0.03)

    def test_filters_are_in_the_address_and_come_back_from_it(self):
        self.open(OVERVIEW)
        self.page.click('[data-filter="state"] summary')
        self.page.evaluate("[...document.querySelectorAll('[data-filter=state] label')].find((l) => l.innerText.trim() === 'RJ').querySelector('input').click()")
        (rate,) = self.query("select sum(delivered - delayed) / sum(delivered) as v from gold.delivery_sla where customer_state = 'RJ'")
        self.page.until("location.search.includes('state=RJ')")
        self.await_figure("on_time", rate["v"])
        self.page.call("Page.reload")
        self.await_figure("on_time", rate["v"])
        self.assertEqual(self.address(), f"{OVERVIEW}?state=RJ")
        self.page.evaluate("history.back()")
        (all_states,) = self.query("select sum(delivered - delayed) / sum(delivered) as v from gold.delivery_sla")
        self.await_figure("on_time", all_states["v"])
        self.assertEqual(self.address(), OVERVIEW)

    def test_the_grain_and_the_period_change_what_is_summed(self):
        self.open(f"{OVERVIEW}?period=2018-01-01..2018-03-31&grain=week")
        (week,) = self.query("select sum(revenue) as v from gold.daily_revenue where date between date '2018-01-01' and date '2018-03-31'"
                             " group by date_trunc('week', date) order by date_trunc('week', date) desc limit 1")  # fmt: skip
        self.await_figure("revenue", week["v"])
        (orders,) = self.query("select sum(orders) as v from gold.daily_revenue where date between date '2018-01-01' and date '2018-03-31'")
        self.await_figure("orders", orders["v"])

    def test_a_click_on_a_bar_filters_the_rest(self):
        self.open(OVERVIEW)
        (top,) = self.query("select customer_state from gold.delivery_sla order by orders desc, customer_state limit 1")
        state = top["customer_state"]
        self.page.until(f"document.querySelector('{tile('by_state', 'canvas')}')")
        self.page.evaluate(f"document.querySelector('{tile('by_state')}').scrollIntoView({{block: 'center', behavior: 'instant'}})")
        self.browser.listen(0.3)
        left, top, width, height = self.page.evaluate(
            f"(({{left, top, width, height}}) => [left, top, width, height])(document.querySelector('{tile('by_state', 'canvas')}').getBoundingClientRect())"
        )
        # The first of ten bars, which is the longest, near its beginning.
        self.page.click_at(left + width * 0.4, top + height * 0.11)
        self.page.until(f"location.search.includes('state={state}')")
        (rate,) = self.query(f"select sum(delivered - delayed) / sum(delivered) as v from gold.delivery_sla where customer_state = '{state}'")
        self.await_figure("on_time", rate["v"])

    def test_a_row_drills_down_to_another_dashboard(self):
        self.open(OVERVIEW)
        self.table_of("where")
        self.page.click(tile("where", "tbody tr button"))
        self.page.until("location.pathname === '/dashboards/customers'")
        self.page.until("document.querySelector('[data-tile=retention] canvas')")

    def test_a_commit_updates_an_open_page(self):
        self.open(OVERVIEW)
        before = self.figure("orders")
        self.change("insert into gold.daily_revenue (date, orders, items, price, freight, revenue) values (date '2018-08-31', 5, 5, 1, 1, 1234.5)")
        try:
            self.await_figure("orders", before + 5)
        finally:
            self.change("delete from gold.daily_revenue where revenue = 1234.5")
        self.await_figure("orders", before)

    def test_what_has_no_rows_or_fails_says_so(self):
        self.open(f"{OVERVIEW}?page=details")
        self.assertEqual(self.page.evaluate(f"document.querySelector('{tile('nothing')}').dataset.state"), "empty")
        self.assertIn("No rows", self.page.text(tile("nothing")))
        self.assertEqual(self.page.evaluate(f"document.querySelector('{tile('broken')}').dataset.state"), "failed")
        self.assertIn("SMELT-", self.page.text(tile("broken")))
        self.assertIn("price plus freight", self.page.text("main"))

    def test_tables_are_paged_and_sorted(self):
        self.open(f"{OVERVIEW}?page=details")
        rows = self.query("select category, revenue from gold.product_performance order by revenue desc, category limit 60")
        shown = lambda: self.page.texts(tile("categories", "tbody tr td:first-child"))  # noqa: E731
        self.assertEqual(shown(), [row["category"] for row in rows[:10]])
        self.page.click(tile("categories", '[aria-label="Next page"]'))
        self.assertEqual(shown(), [row["category"] for row in rows[10:20]])
        self.page.click(tile("categories", "th button"), "Category")
        self.assertEqual(self.page.evaluate(f"document.querySelector('{tile('categories', 'th')}').ariaSort"), "ascending")

    def test_the_menu_is_worked_by_keys_and_shows_the_statement(self):
        self.open(OVERVIEW)
        self.page.evaluate(f"document.querySelector('{tile('orders', '[aria-haspopup=menu]')}').focus()")
        self.page.press("Enter")
        self.page.until("document.activeElement.getAttribute('role') === 'menuitem'")
        self.page.press("Escape")
        self.page.until("!document.querySelector('[role=menu]')")
        self.assertIn("Menu of", self.page.evaluate("document.activeElement.ariaLabel ?? ''"), "focus goes back to the button")
        self.choose("orders", "SQL")
        statement = self.page.until("document.querySelector('dialog pre')?.innerText")
        (orders,) = self.query(statement.strip().rstrip(";"))
        self.assertEqual(Decimal(str(orders["orders"])), self.figure("orders"))
        self.page.press("Escape")
        self.page.until("!document.querySelector('dialog[open]')")

    def test_every_control_is_reached_by_the_tab_key(self):
        self.open(OVERVIEW)
        wanted = self.page.evaluate("[...document.querySelectorAll('[data-filter], [data-tile]')].length")
        self.page.evaluate("document.body.focus()")
        for _ in range(150):
            self.page.press("Tab")
            self.page.evaluate("((f) => { const at = document.activeElement; at?.closest('[data-filter], [data-tile]')?.setAttribute('data-reached', '1');"
                               " if (at && at !== document.body && getComputedStyle(at).outlineStyle === 'none') at.setAttribute('data-unseen', '1'); })()")  # fmt: skip
        self.assertEqual(self.page.evaluate("document.querySelectorAll('[data-reached]').length"), wanted)
        self.assertEqual(self.page.evaluate("[...document.querySelectorAll('[data-unseen]')].map((e) => e.outerHTML.slice(0, 120))"), [])

    def test_charts_have_a_text_for_those_who_do_not_see_them(self):
        self.open(OVERVIEW)
        self.page.until("document.querySelectorAll('canvas').length >= 6")
        for label in self.page.evaluate("[...document.querySelectorAll('.chart')].map((e) => e.ariaLabel)"):
            self.assertRegex(label, r"\d")

    def test_the_export_has_all_rows(self):
        self.open(f"{OVERVIEW}?page=details")
        self.page.click(tile("categories", "[aria-haspopup=menu]"))
        address = self.page.until("[...document.querySelectorAll('[role=menuitem]')].find((e) => e.innerText.includes('CSV'))?.href")
        text = self.page.evaluate(f"fetch({json.dumps(address)}).then((r) => r.text())")
        rows = self.query("select category, revenue, items from gold.product_performance order by revenue desc, category limit 60")
        self.assertEqual(len(text.strip().splitlines()), len(rows) + 1)

    def test_a_phone_has_one_column_and_filters_in_a_sheet(self):
        self.page.size(390, 844, phone=True)
        self.open(OVERVIEW)
        self.assertLessEqual(self.page.evaluate("document.documentElement.scrollWidth"), 390)
        lefts = self.page.evaluate("[...new Set([...document.querySelectorAll('[data-tile]')].map((e) => Math.round(e.getBoundingClientRect().left)))]")
        self.assertEqual(len(lefts), 1, lefts)
        self.assertFalse(self.page.evaluate("document.querySelector('[data-filter=state]').checkVisibility()"))
        self.page.click("button.sheet-button")
        self.page.until("document.querySelector('[data-filter=state]').checkVisibility()")
        self.assert_accessible()
        self.shoot("phone-filters")

    def test_axe_finds_nothing_in_light_and_dark(self):
        for scheme in ("light", "dark"):
            for path in (OVERVIEW, f"{OVERVIEW}?page=details", "/dashboards/customers"):
                with self.subTest(scheme=scheme, path=path):
                    self.page.prefer(scheme)
                    self.open(path)
                    self.assert_accessible()

    def test_pictures_for_people(self):
        for scheme in ("light", "dark"):
            self.page.prefer(scheme)
            for name, path in (("marketplace", OVERVIEW), ("details", f"{OVERVIEW}?page=details"), ("customers", "/dashboards/customers")):
                self.open(path)
                self.shoot(f"{name}-{scheme}")
        self.page.size(390, 844, phone=True)
        self.open(OVERVIEW)
        self.shoot("marketplace-phone")


if __name__ == "__main__":
    unittest.main()
