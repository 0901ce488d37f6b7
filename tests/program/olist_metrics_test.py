"""The metrics of projects/olist have the values that its gold tables have."""

import json
import shutil
import unittest

import smelt_program
from smelt_program import ROOT, LakeTest, smelt, smelt_ok

PROJECT = ROOT / "projects/olist"

# What a question answers, and the gold table that says the same; columns of both are compared in their order.
AGREEMENTS = [
    (
        ["--metrics", "revenue,orders,items,price,freight,payment_value", "--group-by", "metric_time__month"],
        "select month, revenue, orders, items, price, freight, payment_value from gold.monthly_revenue order by month",
    ),
    (
        ["--metrics", "revenue,orders", "--group-by", "metric_time__day"],
        "select date, revenue, orders from gold.daily_revenue order by date",
    ),
    (
        ["--metrics", "revenue,revenue_yoy_growth", "--group-by", "metric_time__month"],
        "select month, revenue, revenue_yoy_growth from gold.monthly_revenue order by month",
    ),
    (
        ["--metrics", "revenue,orders,items,average_order_value,payment_value"],
        "select revenue_total, orders, items, average_order_value, payment_value_total from gold.kpis_headline",
    ),
    (
        ["--metrics", "customers,active_customers,churn_rate,repeat_customer_rate"],
        "select customers, active_customers, churn_rate, repeat_customer_rate from gold.kpis_headline",
    ),
    (
        ["--metrics", "delivered,delayed,on_time_rate,mean_delivery_days,mean_review_score"],
        "select delivered, delayed, on_time_rate, mean_delivery_days, mean_review_score from gold.kpis_headline",
    ),
    (
        ["--metrics", "orders,delivered,delayed,on_time_rate,mean_delivery_days", "--group-by", "order__customer_state",
         "--where", "{{ Dimension('order__customer_state') }} is not null"],
        "select customer_state, orders, delivered, delayed, on_time_rate, mean_delivery_days from gold.delivery_sla"
        " where customer_state <> 'unknown' order by 1",
    ),
    (
        ["--metrics", "item_revenue,items_sold,orders_of_items,products_sold,active_sellers,average_price",
         "--group-by", "product__category"],
        "select category, revenue, items, orders, products_sold, sellers, average_price from gold.product_performance"
        " order by 1",
    ),
    (
        ["--metrics", "customers", "--group-by", "metric_time__month"],
        "select cohort_month, max(cohort_customers) from gold.cohort_retention group by 1 order by 1",
    ),
    (
        ["--metrics", "customers,lifetime_value", "--group-by", "customer__segment"],
        "select customer_segment, count(*), sum(revenue) from gold.customer_lifetime_value group by 1 order by 1",
    ),
]  # fmt: skip


def rows(text):
    """The values of each line, numbers to ten digits."""

    def value(cell):
        return float(f"{cell:.10g}") if isinstance(cell, (int, float)) and not isinstance(cell, bool) else cell

    return [[value(cell) for cell in json.loads(line, parse_float=float).values()] for line in text.splitlines()]


class OlistMetricsTest(LakeTest):
    @classmethod
    def setUpClass(cls):
        data = smelt_program.small_data()
        cls.demo = data.parent / f"{data.name}-metrics-lake"
        cls.addClassCleanup(shutil.rmtree, cls.demo, ignore_errors=True)
        smelt_ok("demo", "--scale", smelt_program.SMALL_SCALE, "--lake", cls.demo)

    def ask(self, *arguments):
        return smelt("metrics", "query", *arguments, "--project-dir", PROJECT, "--lake", self.demo, "--json")

    def test_metrics_agree_with_gold(self):
        for question, sql in AGREEMENTS:
            with self.subTest(question=question):
                answer = self.ask(*question)
                self.assertEqual(answer.returncode, 0, answer.stdout + answer.stderr)
                wanted = rows(smelt_ok("sql", "--lake", self.demo, "--json", "-c", sql).stdout)
                self.assertTrue(wanted)
                # Periods after the last order have a year before, and no row in gold.
                self.assertEqual([row for row in rows(answer.stdout) if row[1] is not None], wanted)

    def test_every_metric_can_be_asked_for_by_all_that_is_listed_for_it(self):
        listed = smelt_ok("metrics", "list", "--project-dir", PROJECT, "--json").stdout.splitlines()
        metrics = [line["name"] for line in map(json.loads, listed) if line["type"] != "saved query"]
        self.assertGreater(len(metrics), 40)
        for metric in metrics:
            with self.subTest(metric=metric):
                answer = self.ask("--metrics", metric, "--group-by", "metric_time__month")
                self.assertEqual(answer.returncode, 0, answer.stdout + answer.stderr)
                self.assertTrue(answer.stdout)

    def test_bad_questions_name_the_cure(self):
        unknown = self.ask("--metrics", "revenu")
        self.assertNotEqual(unknown.returncode, 0)
        self.assertIn("did you mean 'revenue'", unknown.stdout + unknown.stderr)
        fan_out = self.ask("--metrics", "revenue", "--group-by", "payment__payment_type")
        self.assertNotEqual(fan_out.returncode, 0)
        self.assertIn("SMELT-METRIC-0002", fan_out.stdout + fan_out.stderr)

    def test_saved_queries_and_explanations(self):
        saved = self.ask("--saved-query", "revenue_by_month")
        asked = self.ask("--metrics", "revenue,orders,average_order_value", "--group-by", "metric_time__month")
        self.assertEqual((saved.returncode, saved.stdout), (0, asked.stdout))
        explained = self.ask("--metrics", "revenue", "--explain")
        self.assertIn("FROM", explained.stdout)


if __name__ == "__main__":
    unittest.main()
