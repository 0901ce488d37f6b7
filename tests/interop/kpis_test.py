"""The figures of the gold tables, recomputed by plain SQL over the raw CSV files and compared row by row.

Nothing of the project's models is used: the statements below follow the written definitions. Revenue is price + freight
over the items of an order, of whatever status, dated by purchase; orders without items count with 0.
"""

import tempfile
import shutil
import unittest
from pathlib import Path

import duckdb

from smelt_program import LakeTest, small_data, smelt_ok

RAW = """
create view orders as
  select order_id, customer_id, cast(order_purchase_timestamp as timestamp) as purchased,
    cast(order_delivered_customer_date as timestamp) as delivered,
    cast(order_estimated_delivery_date as timestamp) as estimated
  from raw_orders;
create view items as
  select order_id, product_id, seller_id, cast(price as decimal(18, 2)) as price,
    cast(freight_value as decimal(18, 2)) as freight
  from raw_order_items;
create view customers as select customer_id, customer_unique_id, customer_state from raw_customers;
create view order_totals as
  select o.order_id, c.customer_unique_id, c.customer_state, o.purchased, o.delivered, o.estimated,
    (select count(*) from items i where i.order_id = o.order_id) as items,
    coalesce((select sum(price) from items i where i.order_id = o.order_id), 0) as price,
    coalesce((select sum(freight) from items i where i.order_id = o.order_id), 0) as freight,
    coalesce((select sum(cast(payment_value as decimal(18, 2))) from raw_order_payments p
              where p.order_id = o.order_id), 0) as payment_value
  from orders o join customers c on c.customer_id = o.customer_id;
create table customer_totals as
  select customer_unique_id, count(*) as orders, sum(price + freight) as revenue,
    cast(min(purchased) as date) as first_day, cast(max(purchased) as date) as last_day
  from order_totals group by customer_unique_id;
"""

SERIES = """
with per as (
  select {period} as period, count(*) as orders, sum(items) as items, sum(price) as price, sum(freight) as freight,
    sum(price + freight) as revenue, sum(payment_value) as payment_value
  from order_totals group by 1
)
select now.period, now.orders, now.items, now.price, now.freight, now.revenue, now.payment_value,
  case when then_.revenue <> 0 then cast(now.revenue as double) / cast(then_.revenue as double) - 1 end
from per now left join per then_ on then_.period + interval 1 year = now.period
"""

# table: (columns to compare, the same figures from the raw files)
KPIS = {
    "daily_revenue": (
        "date, orders, items, price, freight, revenue, payment_value, revenue_yoy_growth",
        SERIES.format(period="cast(purchased as date)"),
    ),
    "monthly_revenue": (
        "month, orders, items, price, freight, revenue, payment_value, revenue_yoy_growth",
        SERIES.format(period="make_date(year(purchased), month(purchased), 1)"),
    ),
    "customer_lifetime_value": (
        "customer_unique_id, orders, revenue, average_order_value, first_order_date, last_order_date",
        "select customer_unique_id, orders, revenue, cast(revenue as double) / orders, first_day, last_day from customer_totals",
    ),
    "product_performance": (
        "category, orders, items, price, freight, revenue, products_sold, sellers",
        """
        select coalesce(t.product_category_name_english, p.product_category_name, 'unknown'), count(distinct order_id),
          count(*), sum(price), sum(freight), sum(price + freight), count(distinct i.product_id), count(distinct seller_id)
        from items i
          left join raw_products p on p.product_id = i.product_id
          left join raw_product_category t on t.product_category_name = p.product_category_name
        group by 1
        """,
    ),
    "delivery_sla": (
        "customer_state, orders, delivered, delayed, on_time_rate, mean_delivery_days",
        """
        select customer_state, count(*), count(delivered), count(case when delivered > estimated then 1 end),
          count(case when delivered <= estimated then 1 end) / cast(nullif(count(delivered), 0) as double),
          avg((epoch(delivered) - epoch(purchased)) / 86400)
        from order_totals group by 1
        """,
    ),
    "cohort_retention": (
        "cohort_month, months_since_first, cohort_customers, active_customers, retention_rate",
        """
        with numbered as (
          select o.customer_unique_id, year(c.first_day) * 12 + month(c.first_day) - 1 as cohort,
            year(purchased) * 12 + month(purchased) - 1 as active
          from order_totals o join customer_totals c on c.customer_unique_id = o.customer_unique_id
        ), sizes as (select cohort, count(distinct customer_unique_id) as customers from numbered group by cohort)
        select make_date(n.cohort // 12, n.cohort % 12 + 1, 1), active - n.cohort, any_value(customers),
          count(distinct customer_unique_id), count(distinct customer_unique_id) / cast(any_value(customers) as double)
        from numbered n join sizes s on s.cohort = n.cohort
        group by n.cohort, active
        """,
    ),
    "customer_rfm": (
        "customer_unique_id, recency_days, frequency, monetary, r_score, f_score, m_score",
        """
        with last as (select max(last_day) as day from customer_totals)
        select customer_unique_id, last.day - last_day, orders, revenue,
          ntile(5) over (order by last.day - last_day desc, customer_unique_id),
          ntile(5) over (order by orders, customer_unique_id),
          ntile(5) over (order by revenue, customer_unique_id)
        from customer_totals, last
        """,
    ),
}
FILES = {
    "orders": "olist_orders_dataset",
    "order_items": "olist_order_items_dataset",
    "customers": "olist_customers_dataset",
    "products": "olist_products_dataset",
    "order_payments": "olist_order_payments_dataset",
    "product_category": "product_category_name_translation",
}
RELATIVE_TOLERANCE = 1e-9


class KpisTest(LakeTest):
    @classmethod
    def setUpClass(cls):
        cls.demo_lake = Path(tempfile.mkdtemp(prefix="smelt-lake-"))
        cls.addClassCleanup(shutil.rmtree, cls.demo_lake, ignore_errors=True)
        smelt_ok("demo", "--data", small_data(), "--lake", cls.demo_lake)
        cls.raw = duckdb.connect()
        cls.addClassCleanup(cls.raw.close)
        for name, file in FILES.items():
            reader = f"read_csv('{small_data()}/{file}.csv', header = true, all_varchar = true)"
            cls.raw.execute(f"create table raw_{name} as select * from {reader}")
        cls.raw.execute(RAW)

    def gold(self, table, columns):
        exported = self.folder / f"{table}.parquet"
        smelt_ok("sql", "--lake", self.demo_lake, "-c", f"copy (select {columns} from gold.{table}) to '{exported}'")
        return self.raw.sql(f"select * from '{exported}' order by all").fetchall()

    def test_kpis(self):
        for table, (columns, sql) in KPIS.items():
            with self.subTest(table):
                found = self.gold(table, columns)
                expected = self.raw.sql(f"select * from ({sql}) order by all").fetchall()
                self.assertGreater(len(expected), 0)
                self.assertEqual(len(found), len(expected))
                for found_row, expected_row in zip(found, expected):
                    self.assert_same_row(found_row, expected_row, columns.split(", "))

    def assert_same_row(self, found, expected, names):
        for name, one, other in zip(names, found, expected):
            if isinstance(other, float) and one is not None:
                close = abs(one - other) <= RELATIVE_TOLERANCE * max(1.0, abs(other))
                self.assertTrue(close, f"{name} is {one}, expected {other}; row {expected}")
            else:
                self.assertEqual(one, other, f"{name} of row {expected}")

    def test_revenue_agrees_across_tables(self):
        """The same money, whichever way it is cut."""
        total = self.raw.sql("select sum(price + freight) from items").fetchone()[0]
        for table in ("daily_revenue", "monthly_revenue", "customer_lifetime_value", "product_performance"):
            rows = self.gold(table, "revenue")
            self.assertEqual(sum(row[0] for row in rows), total, table)


if __name__ == "__main__":
    unittest.main()
