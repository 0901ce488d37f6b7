#include "engine/internal/extra_worker.h"

#include <gtest/gtest.h>

namespace smelt::engine {
namespace {

TEST(ExtraWorker, ComesAndGoesWhetherThereIsWorkOrNot) {
  duckdb::DBConfig config;
  config.SetOptionByName("threads", duckdb::Value(2));
  duckdb::DuckDB database(nullptr, &config);
  duckdb::Connection connection(database);
  for (int i = 0; i < 20; ++i) {
    const ExtraWorker worker(*database.instance);
    const auto result =
        i % 2 == 0 ? connection.Query("select 1") : connection.Query("select sum(x) from range(1000000) r(x)");
    ASSERT_FALSE(result->HasError()) << result->GetError();
  }
}

TEST(ExtraWorker, WhereThereIsOneThreadItStaysSo) {
  duckdb::DBConfig config;
  config.SetOptionByName("threads", duckdb::Value(1));
  duckdb::DuckDB database(nullptr, &config);
  {
    const ExtraWorker worker(*database.instance);
    EXPECT_EQ(duckdb::Connection(database).Query("select current_setting('threads')")->GetValue(0, 0).ToString(), "1");
  }
}

}  // namespace
}  // namespace smelt::engine
