#include <gtest/gtest.h>

#include <set>

#include "quality/suite.h"

/// The suites of the reference project, as files.
namespace smelt::quality {
namespace {

std::vector<Suite> OlistSuites() {
  auto suites = LoadSuites(std::string(SMELT_SOURCE_DIR) + "/projects/olist/suites");
  EXPECT_TRUE(suites) << suites.error().ToString();
  return suites ? *std::move(suites) : std::vector<Suite>();
}

TEST(OlistSuitesTest, EverySuiteIsAHardGateNamedAfterItsTable) {
  for (const Suite& suite : OlistSuites()) {
    const std::size_t dot = suite.table.find('.');
    ASSERT_NE(dot, std::string::npos) << suite.name;
    EXPECT_EQ(suite.name, suite.table.substr(dot + 1) + "_" + suite.table.substr(0, dot));
    EXPECT_EQ(suite.gate, Gate::kHard) << suite.name;
    EXPECT_GE(suite.expectations.size(), 4u) << suite.name;
    EXPECT_TRUE(ResolveParameters(suite, Json::object())) << suite.name;
  }
}

TEST(OlistSuitesTest, EveryTableThatOthersRelyOnHasOne) {
  std::set<std::string> tables;
  for (const Suite& suite : OlistSuites()) tables.insert(suite.table);
  for (const char* table : {"bronze.orders",
                            "bronze.order_items",
                            "bronze.customers",
                            "bronze.products",
                            "bronze.sellers",
                            "bronze.order_reviews",
                            "bronze.order_payments",
                            "bronze.geolocation",
                            "bronze.product_category",
                            "silver.orders",
                            "silver.order_items",
                            "silver.customers",
                            "silver.products",
                            "silver.sellers",
                            "silver.customers_history",
                            "silver.products_history",
                            "silver.sellers_history",
                            "gold.daily_revenue",
                            "gold.monthly_revenue",
                            "gold.customer_lifetime_value",
                            "gold.customer_rfm",
                            "gold.product_performance",
                            "gold.delivery_sla",
                            "gold.churn_features",
                            "gold.cohort_retention",
                            "gold.dim_date",
                            "gold.dim_customer",
                            "gold.dim_product",
                            "gold.dim_seller",
                            "gold.fact_sales",
                            "gold.fact_payments",
                            "gold.fact_reviews"}) {
    EXPECT_TRUE(tables.contains(table)) << table;
  }
}

TEST(OlistSuitesTest, RowCountsFollowTheScale) {
  for (const Suite& suite : OlistSuites()) {
    if (suite.name != "orders_silver") continue;
    const auto resolved = ResolveParameters(suite, {{"scale", 0.01}});
    ASSERT_TRUE(resolved) << resolved.error().ToString();
    const auto bounded = std::ranges::find_if(resolved->expectations, [](const ExpectationConfig& config) {
      return config.kwargs.contains("max_value") && config.type == "expect_table_row_count_to_be_between";
    });
    ASSERT_NE(bounded, resolved->expectations.end());
    EXPECT_EQ(JsonText(bounded->kwargs), R"({"min_value":900,"max_value":1100})");
    return;
  }
  FAIL() << "orders_silver is missing";
}

}  // namespace
}  // namespace smelt::quality
