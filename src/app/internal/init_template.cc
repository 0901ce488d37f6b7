#include "app/internal/init_template.h"

#include <array>

namespace smelt::app {
namespace {

constexpr std::string_view kSmeltYml = R"(# One file that says where the parts of the project lie.
name: <<name>>
lake: lake            # --lake and SMELT_LAKE win
dbt: .
sources: sources
suites: suites
pipelines: pipelines
)";

constexpr std::string_view kSource = R"(# What the files look like and what a row must satisfy to enter bronze.
name: shop
description: Daily exports of the shop
connector: csv
location: data
schema: bronze

tables:
  - name: orders
    description: One row per order
    files: orders*.csv
    key: [order_id]
    columns:
      - {name: order_id, type: integer, required: true, description: Identifier of the order}
      - {name: customer, type: text, required: true, description: Who ordered}
      - {name: ordered_at, type: timestamp, required: true, description: When the order was placed}
      - name: status
        type: text
        required: true
        description: How far the order came
        checks:
          - set: [pending, paid, shipped, delivered]
      - name: amount
        type: decimal(10,2)
        required: true
        description: What the customer pays, in euro
        checks:
          - min: 0
)";

constexpr std::string_view kData = R"(order_id,customer,ordered_at,status,amount
1,anna,2026-01-02 09:15:00,delivered,49.90
2,ben,2026-01-02 11:40:00,delivered,15.00
3,anna,2026-01-03 08:05:00,shipped,120.50
4,chloe,2026-01-03 19:30:00,paid,8.25
5,ben,2026-01-04 10:00:00,pending,64.00
6,dev,2026-01-04 12:00:00,lost,10.00
)";

constexpr std::string_view kDbtProject = R"(name: <<name>>
version: "1.0.0"
config-version: 2
profile: <<name>>

models:
  <<name>>:
    silver: {+schema: silver, +materialized: table}
    gold: {+schema: gold, +materialized: table}
)";

constexpr std::string_view kMacro = R"({# A layer is a schema: silver is silver, whatever the target. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
  {{ custom_schema_name if custom_schema_name is not none else target.schema }}
{%- endmacro %}
)";

constexpr std::string_view kSources = R"(version: 2
sources:
  - name: bronze
    schema: bronze
    tables:
      - name: orders
)";

constexpr std::string_view kSilver = R"(-- One row per order: the newest version of it.
select order_id, customer, ordered_at, status, amount
from {{ source('bronze', 'orders') }}
qualify row_number() over (partition by order_id order by ingestion_timestamp desc) = 1
)";

constexpr std::string_view kGold = R"(select
  ordered_at::date as day,
  count(*) as orders,
  sum(amount)::decimal(18, 2) as revenue
from {{ ref('orders') }}
group by day
)";

constexpr std::string_view kSchema = R"(version: 2
models:
  - name: orders
    description: One row per order.
    columns:
      - name: order_id
        description: Identifier of the order.
        data_tests: [not_null, unique]
      - name: status
        description: How far the order came.
        data_tests:
          - accepted_values: {values: [pending, paid, shipped, delivered]}
  - name: daily_revenue
    description: Orders and revenue per day.
    columns:
      - name: day
        description: The day of the orders.
        data_tests: [not_null, unique]
)";

constexpr std::string_view kSuite = R"(name: orders_silver
table: silver.orders
gate: hard
expectations:
  - type: expect_column_values_to_be_between
    kwargs: {column: amount, min_value: 0, max_value: 10000}
  - type: expect_table_row_count_to_be_between
    kwargs: {min_value: 1}
)";

constexpr std::string_view kPipeline = R"(name: daily
description: From the day's files to gold.
schedule: "0 2 * * *"
retries: {attempts: 4, delay: 1s, delay_max: 1m}
tasks:
  - {name: bronze, type: ingest}
  - {name: silver, type: build, needs: bronze, with: {select: silver}}
  - {name: silver_quality, type: validate, needs: silver}
  - {name: gold, type: build, needs: silver_quality, with: {select: gold}}
)";

constexpr std::string_view kIgnore = "/lake/\n/target/\n";

constexpr std::array kFiles = {
    TemplateFile{"smelt.yml", kSmeltYml},
    TemplateFile{"sources/shop.yml", kSource},
    TemplateFile{"data/orders.csv", kData},
    TemplateFile{"dbt_project.yml", kDbtProject},
    TemplateFile{"macros/generate_schema_name.sql", kMacro},
    TemplateFile{"models/sources.yml", kSources},
    TemplateFile{"models/silver/orders.sql", kSilver},
    TemplateFile{"models/gold/daily_revenue.sql", kGold},
    TemplateFile{"models/schema.yml", kSchema},
    TemplateFile{"suites/orders_silver.yml", kSuite},
    TemplateFile{"pipelines/daily.yml", kPipeline},
    TemplateFile{".gitignore", kIgnore},
};

}  // namespace

std::span<const TemplateFile> ProjectTemplate() {
  return kFiles;
}

}  // namespace smelt::app
