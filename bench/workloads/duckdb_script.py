"""The peer: the tables of projects/olist as a plain DuckDB script over the raw files, written as Parquet.

Usage: duckdb_script.py DATA_FOLDER OUTPUT_FOLDER
"""

import sys
from pathlib import Path

import duckdb

BRONZE = {
    "orders": "olist_orders_dataset",
    "order_items": "olist_order_items_dataset",
    "customers": "olist_customers_dataset",
    "products": "olist_products_dataset",
    "sellers": "olist_sellers_dataset",
    "order_reviews": "olist_order_reviews_dataset",
    "order_payments": "olist_order_payments_dataset",
    "geolocation": "olist_geolocation_dataset",
    "product_category": "product_category_name_translation",
}

SILVER = {
    "geolocation": """
        select geolocation_zip_code_prefix as zip_code_prefix, median(geolocation_lat) as lat, median(geolocation_lng) as lng,
          mode(lower(strip_accents(geolocation_city))) as city, mode(geolocation_state) as state
        from bronze_geolocation group by 1""",
    "customers": """
        select c.*, g.lat, g.lng from bronze_customers c
        left join silver_geolocation g on g.zip_code_prefix = c.customer_zip_code_prefix""",
    "sellers": """
        select s.*, g.lat, g.lng from bronze_sellers s
        left join silver_geolocation g on g.zip_code_prefix = s.seller_zip_code_prefix""",
    "products": """
        select p.*, coalesce(t.product_category_name_english, p.product_category_name, 'unknown') as product_category
        from bronze_products p left join bronze_product_category t using (product_category_name)""",
    "order_items": """
        select i.*, i.price + i.freight_value as revenue, coalesce(p.product_category, 'unknown') as product_category,
          s.seller_state, i.price not between 0 and 10000 as is_price_outlier
        from bronze_order_items i left join silver_products p using (product_id) left join silver_sellers s using (seller_id)""",
    "order_payments": "select * from bronze_order_payments",
    "order_reviews": """
        select * from bronze_order_reviews
        qualify row_number() over (partition by review_id, order_id order by review_answer_timestamp desc) = 1""",
    "customer_segments": """
        with totals as (
          select customer_unique_id, count(distinct o.order_id) as orders, coalesce(sum(i.revenue), 0) as revenue,
            min(o.order_purchase_timestamp)::date as first_order_date, max(o.order_purchase_timestamp)::date as last_order_date
          from bronze_orders o join bronze_customers c using (customer_id) left join silver_order_items i using (order_id)
          group by 1)
        select *, date_diff('day', last_order_date, max(last_order_date) over ()) as recency_days,
          ntile(5) over (order by last_order_date, customer_unique_id) as r_score,
          ntile(5) over (order by orders, customer_unique_id) as f_score,
          ntile(5) over (order by revenue, customer_unique_id) as m_score
        from totals""",
    "orders": """
        with items as (
          select order_id, count(*) as items, sum(price) as price, sum(freight_value) as freight from silver_order_items group by 1),
        payments as (select order_id, sum(payment_value) as payment_value from silver_order_payments group by 1)
        select o.*, c.customer_unique_id, c.customer_city, c.customer_state, c.lat, c.lng, o.order_purchase_timestamp::date as order_date,
          coalesce(i.items, 0) as items, coalesce(i.price, 0) as price, coalesce(i.freight, 0) as freight,
          coalesce(i.price, 0) + coalesce(i.freight, 0) as revenue, coalesce(p.payment_value, 0) as payment_value,
          date_diff('second', o.order_purchase_timestamp, o.order_delivered_customer_date) / 86400.0 as delivery_time_days,
          o.order_delivered_customer_date > o.order_estimated_delivery_date as is_delayed,
          s.r_score, s.f_score, s.m_score
        from (select * from bronze_orders qualify row_number() over (partition by order_id order by order_purchase_timestamp desc) = 1) o
        left join items i using (order_id) left join payments p using (order_id)
        left join silver_customers c using (customer_id) left join silver_customer_segments s using (customer_unique_id)""",
}

SERIES = """
    with per as (
      select {period} as {name}, count(*) as orders, sum(items) as items, sum(price) as price, sum(freight) as freight,
        sum(revenue) as revenue, sum(payment_value) as payment_value from silver_orders group by 1)
    select p.*, p.revenue::double / nullif(before.revenue, 0) - 1 as revenue_yoy_growth
    from per p left join per before on before.{name} = p.{name} - interval 1 year"""

GOLD = {
    "daily_revenue": SERIES.format(name="date", period="order_date"),
    "monthly_revenue": SERIES.format(name="month", period="date_trunc('month', order_date)"),
    "customer_lifetime_value": """
        select customer_unique_id, count(*) as orders, sum(revenue) as revenue, sum(revenue)::double / count(*) as average_order_value,
          min(order_date) as first_order_date, max(order_date) as last_order_date
        from silver_orders group by 1""",
    "customer_rfm": """
        select customer_unique_id, recency_days, orders as frequency, revenue as monetary, r_score, f_score, m_score
        from silver_customer_segments""",
    "churn_features": """
        select customer_unique_id, recency_days, orders, 1 / (1 + exp(-(0.015 * recency_days - 0.9 * (orders - 1) - 1))) as churn_probability
        from silver_customer_segments""",
    "product_performance": """
        select product_category as category, count(distinct order_id) as orders, count(*) as items, sum(price) as price,
          sum(freight_value) as freight, sum(revenue) as revenue
        from silver_order_items group by 1""",
    "top_products": """
        select product_id, count(*) as items, sum(revenue) as revenue from silver_order_items
        group by 1 order by revenue desc limit 100""",
    "top_sellers": """
        select seller_id, count(*) as items, sum(revenue) as revenue from silver_order_items
        group by 1 order by revenue desc limit 100""",
    "delivery_sla": """
        select customer_state, count(*) as orders, count(order_delivered_customer_date) as delivered,
          count(*) filter (where is_delayed) as delayed, avg(delivery_time_days) as mean_delivery_days,
          count(*) filter (where not is_delayed)::double / nullif(count(is_delayed), 0) as on_time_rate
        from silver_orders group by 1""",
    "delivery_sla_seller": """
        select seller_state, count(*) as orders, avg(o.delivery_time_days) as mean_delivery_days
        from (select distinct order_id, seller_state from silver_order_items) i join silver_orders o using (order_id) group by 1""",
    "cohort_retention": """
        with activity as (
          select distinct o.customer_unique_id, date_trunc('month', s.first_order_date) as cohort_month,
            date_diff('month', s.first_order_date, o.order_date) as months_since_first
          from silver_orders o join silver_customer_segments s using (customer_unique_id)),
        sizes as (select cohort_month, months_since_first, count(*) as active_customers from activity group by 1, 2)
        select *,
          active_customers / first_value(active_customers) over (partition by cohort_month order by months_since_first)
            as retention_rate
        from sizes""",
    "dim_customer": "select distinct on (customer_unique_id) * from silver_customers order by customer_unique_id, customer_id",
    "dim_product": "select * from silver_products",
    "dim_seller": "select * from silver_sellers",
    "dim_date": "select range::date as date from range(date '2016-01-01', date '2019-01-01', interval 1 day)",
    "fact_sales": """
        select i.*, o.customer_unique_id, o.order_date, o.order_status from silver_order_items i join silver_orders o using (order_id)""",
    "fact_payments": "select p.*, o.order_date from silver_order_payments p join silver_orders o using (order_id)",
    "fact_reviews": "select r.*, o.order_date from silver_order_reviews r join silver_orders o using (order_id)",
}


def main():
    data, output = Path(sys.argv[1]), Path(sys.argv[2])
    db = duckdb.connect()
    for layer in ("bronze", "silver", "gold"):
        (output / layer).mkdir(parents=True)
    queries = [("bronze", name, f"select * from read_csv('{data}/{file}.csv')") for name, file in BRONZE.items()]
    queries += [("silver", name, sql) for name, sql in SILVER.items()]
    queries += [("gold", name, sql) for name, sql in GOLD.items()]
    for layer, name, sql in queries:
        db.execute(f"create table {layer}_{name} as {sql}")
        db.execute(f"copy {layer}_{name} to '{output}/{layer}/{name}.parquet'")


if __name__ == "__main__":
    main()
