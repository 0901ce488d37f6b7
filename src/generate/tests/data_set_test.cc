#include "generate/data_set.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <tuple>

#include "base/digest.h"
#include "engine/session.h"

namespace smelt::generate {
namespace {

namespace fs = std::filesystem;

constexpr int kDataSetTables = 9;

class DataSetTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(testing::TempDir()) / ("smelt-data-set-" + std::to_string(::getpid()));
    fs::remove_all(root_);
    fs::create_directories(root_);
    auto engine = engine::Engine::OpenWithoutLake(1, "");
    ASSERT_TRUE(engine) << engine.error().ToString();
    engine_ = std::move(*engine);
    auto session = engine_->Connect();
    ASSERT_TRUE(session) << session.error().ToString();
    session_ = std::move(*session);
  }
  void TearDown() override { fs::remove_all(root_); }

  GenerateReport Physical(const std::string& folder, DataSetOptions options) {
    options.built_in = "physical";
    options.out_dir = (root_ / folder).string();
    auto report = GenerateDataSet(options);
    EXPECT_TRUE(report) << report.error().ToString();
    return report ? *report : GenerateReport{};
  }

  /// Digests of all files by name.
  std::map<std::string, std::string> Digests(const std::string& folder) {
    std::map<std::string, std::string> digests;
    for (const auto& entry : fs::recursive_directory_iterator(root_ / folder)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      std::stringstream bytes;
      bytes << file.rdbuf();
      digests[fs::relative(entry.path(), root_ / folder).string()] = Md5Hex(bytes.str());
    }
    return digests;
  }

  /// The one number that a query answers; `{table}` is the file of that name in `folder`.
  std::int64_t Number(const std::string& folder, std::string sql) {
    for (std::size_t begin = sql.find('{'); begin != std::string::npos; begin = sql.find('{')) {
      const std::size_t end = sql.find('}', begin);
      const std::string file = (root_ / folder / (sql.substr(begin + 1, end - begin - 1) + ".csv")).string();
      sql.replace(begin, end - begin + 1, "read_csv('" + file + "', header = true, all_varchar = true)");
    }
    auto answer = session_->Query(sql);
    EXPECT_TRUE(answer) << answer.error().ToString();
    return answer ? answer->Int().value_or(-1) : -1;
  }

  Result<GenerateReport> Describe(const std::string& text, DataSetOptions options = {}) {
    options.description = (root_ / "own.yml").string();
    options.out_dir = (root_ / "own").string();
    std::ofstream(options.description) << text;
    return GenerateDataSet(options);
  }

  fs::path root_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<engine::Session> session_;
};

TEST_F(DataSetTest, TheSameSeedGivesTheSameBytesOnAnyNumberOfThreads) {
  Physical("one", {.scale = 0.02, .seed = 7, .extra_days = 2, .threads = 1});
  Physical("two", {.scale = 0.02, .seed = 7, .extra_days = 2, .threads = 2});
  Physical("other", {.scale = 0.02, .seed = 8, .threads = 2});
  const auto digests = Digests("one");
  EXPECT_EQ(digests, Digests("two"));
  EXPECT_NE(digests.at("customers.csv"), Digests("other").at("customers.csv"));
  // What a seed gives stays as it is: who compares figures counts on it.
  EXPECT_EQ(digests.at("customers.csv"), "ed6dca78ddc5028e393e17cbae588101");
  EXPECT_EQ(digests.at("order_lines.csv"), "e0f10a2e46c77df57d0289925bf5905c");
  EXPECT_EQ(digests.at("2026-01-02/shipments.csv"), "db39aa3ab9551eb45dc37de442382272");
}

TEST_F(DataSetTest, PartsOfAFileComeInOrder) {
  // More keys than one part has.
  const std::string description = R"(
period: {from: 2024-01-01, to: 2024-12-31}
tables:
  numbers: {rows: 250000, columns: {n: {sql: this_number}}}
)";
  ASSERT_TRUE(Describe(description, {.threads = 2}));
  EXPECT_EQ(Number("own",
                   "select count(*) from (select n::BIGINT as n, row_number() over () as place from {numbers}) "
                   "where n = place"),
            250'000);
}

TEST_F(DataSetTest, BaseFilesDoNotDependOnDaysNorDaysOnOneAnother) {
  Physical("with", {.scale = 0.02, .extra_days = 3});
  Physical("without", {.scale = 0.02});
  Physical("third", {.scale = 0.02, .base = false, .first_extra_day = 3, .extra_days = 1});
  const auto all = Digests("with");
  const auto base = Digests("without");
  const auto third = Digests("third");
  EXPECT_EQ(base.size(), kDataSetTables);
  EXPECT_EQ(third.size(), kDataSetTables - 1);  // recipes have no drops
  for (const auto& [name, digest] : base) EXPECT_EQ(digest, all.at(name)) << name;
  for (const auto& [name, digest] : third) EXPECT_EQ(digest, all.at(name)) << name;
}

/// One clean data set that several tests look at.
class CleanPhysicalTest : public DataSetTest {
 protected:
  static void SetUpTestSuite() {
    kept_ = fs::path(testing::TempDir()) / ("smelt-data-set-clean-" + std::to_string(::getpid()));
    auto report = GenerateDataSet({.built_in = "physical",
                                   .scale = 0.25,
                                   .seed = 5,
                                   .dirt = 0,
                                   .out_dir = (kept_ / "clean").string(),
                                   .extra_days = 2});
    ASSERT_TRUE(report) << report.error().ToString();
    report_ = *report;
  }
  static void TearDownTestSuite() { fs::remove_all(kept_); }
  void SetUp() override {
    DataSetTest::SetUp();
    fs::remove_all(root_);
    root_ = kept_;
  }
  void TearDown() override {}

  static inline fs::path kept_;
  static inline GenerateReport report_;
};

TEST_F(CleanPhysicalTest, FilesHaveTheDescribedRows) {
  std::map<std::string, std::int64_t> rows;
  for (const GeneratedFile& file : report_.files) {
    rows[file.name] = file.rows;
    EXPECT_EQ(static_cast<std::uintmax_t>(file.bytes), fs::file_size(root_ / "clean" / file.name)) << file.name;
  }
  EXPECT_EQ(rows.at("products.csv"), 500);
  EXPECT_EQ(rows.at("customers.csv"), 5'000);
  EXPECT_EQ(rows.at("orders.csv"), 10'000);
  EXPECT_EQ(rows.at("waste.csv"), 750);
  EXPECT_EQ(rows.at("quality.csv"), 2'500);
  EXPECT_NEAR(static_cast<double>(rows.at("order_lines.csv")), 25'000, 1'000);
  EXPECT_EQ(Number("clean", "select count(*) from {order_lines}"), rows.at("order_lines.csv"));
  EXPECT_FALSE(fs::exists(root_ / "clean/suppliers.csv"));
}

TEST_F(CleanPhysicalTest, EveryReferenceLeadsToARow) {
  const std::pair<const char*, const char*> references[] = {
      {"orders.customer_id", "customers"}, {"order_lines.order_id", "orders"}, {"order_lines.product_id", "products"},
      {"shipments.order_id", "orders"},    {"returns.order_id", "orders"},     {"waste.product_id", "products"},
      {"quality.product_id", "products"},  {"recipes.product_id", "products"}, {"waste.component_id", "recipes"}};
  for (const auto& [from, to] : references) {
    const std::string path = from, table = path.substr(0, path.find('.')), column = path.substr(path.find('.') + 1);
    EXPECT_EQ(Number("clean", "select count(*) from {" + table + "} where " + column + " not in (select " + column +
                                  " from {" + to + "})"),
              0)
        << from;
  }
  EXPECT_EQ(Number("clean",
                   "select count(*) from {waste} w left join {recipes} r using (product_id, component_id) "
                   "where r.unit is distinct from w.unit"),
            0);
  EXPECT_EQ(Number("clean",
                   "select count(*) from {quality} q join {products} p using (product_id) "
                   "where q.supplier_id <> p.supplier_id"),
            0);
}

TEST_F(CleanPhysicalTest, AmountsAddUpToTheCent) {
  EXPECT_EQ(Number("clean",
                   "select count(*) from {order_lines} where line_total::DECIMAL(12, 2) <> "
                   "round(quantity::INTEGER * unit_price::DECIMAL(8, 2) * (100 - discount_percent::INTEGER)::"
                   "DECIMAL(3, 0) * 0.01::DECIMAL(3, 2), 2)"),
            0);
  EXPECT_EQ(Number("clean",
                   "select count(*) from (select order_id, sum(line_total::DECIMAL(12, 2)) as total "
                   "from {order_lines} group by 1) lines full join {orders} orders using (order_id) "
                   "where orders.order_total::DECIMAL(12, 2) is distinct from "
                   "lines.total + orders.shipping_amount::DECIMAL(12, 2)"),
            0);
  EXPECT_EQ(Number("clean",
                   "select count(*) from {returns} r left join {order_lines} l using (order_id, line_number) "
                   "where not coalesce(r.refund_amount::DECIMAL(12, 2) <= l.line_total::DECIMAL(12, 2) and "
                   "r.quantity::INTEGER between 1 and l.quantity::INTEGER, false)"),
            0);
  EXPECT_GT(Number("clean", "select count(*) from {returns}"), 500);
}

TEST_F(CleanPhysicalTest, TimesFollowOneAnother) {
  EXPECT_EQ(Number("clean",
                   "select count(*) from {orders} o join {customers} c using (customer_id) "
                   "where c.registered_on::DATE > o.ordered_at::DATE"),
            0);
  EXPECT_EQ(Number("clean",
                   "select count(*) from {shipments} s join {orders} o using (order_id) "
                   "where s.shipped_at <= o.ordered_at or s.delivered_at <= s.shipped_at or "
                   "o.status = 'cancelled' or s.shipped_at >= '2026-01-01'"),
            0);
  EXPECT_EQ(Number("clean",
                   "select count(*) from {returns} r join {orders} o using (order_id) "
                   "where r.returned_at <= o.ordered_at or o.status <> 'returned'"),
            0);
  for (const char* table : {"orders.ordered_at", "shipments.shipped_at", "returns.returned_at", "waste.wasted_at",
                            "quality.inspected_at", "products.updated_at", "customers.updated_at"}) {
    const std::string path = table, name = path.substr(0, path.find('.')), column = path.substr(path.find('.') + 1);
    EXPECT_EQ(
        Number("clean/2026-01-02", "select count(*) from {" + name + "} where " + column + "::DATE <> '2026-01-02'"), 0)
        << table;
    EXPECT_EQ(Number("clean", "select count(*) from {" + name + "} where " + column + "::DATE > '2025-12-31'"), 0)
        << table;
  }
}

TEST_F(CleanPhysicalTest, SeasonsRatesAndPricesAreUneven) {
  const auto of_month = [&](const char* month) {
    return Number("clean", std::string("select count(*) from {orders} where month(ordered_at::TIMESTAMP) = ") + month);
  };
  EXPECT_GT(of_month("12"), of_month("2") * 3 / 2);
  // Textiles come back more often than tools.
  const auto per_mille = [&](const char* category) {
    return Number("clean",
                  std::string("select 1000 * count(r.return_id) // count(*) from {order_lines} l join {products} p "
                              "using (product_id) left join {returns} r using (order_id, line_number) "
                              "where p.category = '") +
                      category + "'");
  };
  EXPECT_GT(per_mille("Textiles"), per_mille("Tools") + 15);
  // A line has the price of its day: lines of a product's last day before the end agree with the file, older need not.
  EXPECT_GT(Number("clean",
                   "select count(*) from {order_lines} l join {products} p using (product_id) "
                   "where l.unit_price <> p.unit_price"),
            1'000);
  EXPECT_EQ(
      Number("clean",
             "select count(*) from {order_lines} l join {orders} o using (order_id) join {products} p "
             "using (product_id) where o.ordered_at::DATE >= p.updated_at::DATE and p.unit_price <> l.unit_price"),
      0);
}

TEST_F(CleanPhysicalTest, NamesAndAddressesFitTheCountry) {
  EXPECT_EQ(Number("clean", "select count(distinct country) from {customers}"), 3);
  EXPECT_EQ(Number("clean",
                   "select count(*) from {customers} where not regexp_full_match(postal_code, case country when 'BR' "
                   "then '[0-9]+-[0-9]+' else '[0-9]+' end)"
                   ""),
            0);
  EXPECT_EQ(Number("clean", "select count(distinct state) from {customers} where city = 'Hamburg'"), 1);
  EXPECT_EQ(Number("clean", "select count(*) from {customers} where regexp_matches(email, '[^a-z0-9.@ ]')"), 0);
}

TEST_F(DataSetTest, DirtIsRareAndGrowsWithItsFactor) {
  Physical("dirty", {.scale = 0.5});
  const auto check = [&](const std::string& what, const std::string& table, double share_max) {
    const auto bad = static_cast<double>(Number("dirty", "select count(*) from {" + table + "} where " + what));
    const auto all = static_cast<double>(Number("dirty", "select count(*) from {" + table + "}"));
    EXPECT_GT(bad, 0) << what;
    EXPECT_LT(bad / all, share_max) << what;
  };
  check("email is null", "customers", 0.01);
  check("email <> lower(email)", "customers", 0.01);
  check("city <> trim(city)", "customers", 0.01);
  check("category not in ('Furniture','Lighting','Kitchen','Garden','Tools','Toys','Textiles','Outdoor')", "products",
        0.03);
  check("quantity is null", "recipes", 0.01);
  check("unit_price like '%,%'", "order_lines", 0.01);
  check("quantity = 'n/a'", "order_lines", 0.01);
  check("quantity like '-%'", "order_lines", 0.01);
  check("try_cast(ordered_at as TIMESTAMP) is null", "orders", 0.01);
  check("product_id = 'P999999'", "order_lines", 0.01);
  check("order_id in (select order_id from {orders} group by all having count(*) > 1)", "orders", 0.01);
  EXPECT_GT(Number("dirty", "select count(*) - count(distinct (order_id, line_number)) from {order_lines}"), 0);
}

TEST_F(DataSetTest, DropsAreManyFilesOfAboutTheSizeAskedFor) {
  DataSetOptions options;
  options.built_in = "landing";
  options.out_dir = (root_ / "raw").string();
  options.rate = 30'000;
  options.extra_days = 1;
  const auto report = GenerateDataSet(options);
  ASSERT_TRUE(report) << report.error().ToString();
  std::map<std::string, int> files;
  for (const GeneratedFile& file : report->files) {
    const std::string table = file.name.substr(0, file.name.find("_2025"));
    ++files[table];
    if (table == "order_items") {
      EXPECT_GT(file.rows, 8'000) << file.name;
      EXPECT_LT(file.rows, 12'000) << file.name;
    }
  }
  EXPECT_EQ(files["products"], 2);
  EXPECT_GE(files["orders"], 5);
  EXPECT_GE(files["order_items"], 14);
  EXPECT_TRUE(fs::exists(root_ / "raw/order_items_2025-03-02_001.csv"));
  // Nothing is there twice but what is meant to be, and an order's rows are dealt out, not lost.
  const std::string orders = "read_csv('" + (root_ / "raw/orders_*.csv").string() + "', all_varchar = true)";
  const auto ids = session_->Query("select count(*), count(distinct order_id) from " + orders);
  ASSERT_TRUE(ids) << ids.error().ToString();
  EXPECT_GT(ids->Int(0, 1).value_or(0), 50'000);
  EXPECT_LT(ids->Int(0, 0).value_or(0), 1.01 * static_cast<double>(ids->Int(0, 1).value_or(0)));
}

TEST_F(DataSetTest, TheShareOfBadRowsIsThatAskedFor) {
  DataSetOptions options;
  options.built_in = "landing";
  for (const auto& [share, low, high] : {std::tuple{0.0, 0, 0}, {0.02, 17, 23}, {0.3, 250, 320}}) {
    options.out_dir = (root_ / "raw").string();
    fs::remove_all(options.out_dir);
    options.bad_share = share;
    ASSERT_TRUE(GenerateDataSet(options));
    const auto bad = session_->Query(
        "select round(1000 * avg((user_id is null or total = 'n/a' or ordered_at like '%-02-30%')::int))::int from "
        "read_csv('" +
        (root_ / "raw/orders_2025-03-01_001*.csv").string() + "', all_varchar = true)");
    ASSERT_TRUE(bad) << bad.error().ToString();
    const std::int64_t found = bad->Int().value_or(-1);
    EXPECT_GE(found, low) << share;
    EXPECT_LE(found, high) << share;
  }
  options.bad_share = 1.5;
  EXPECT_EQ(GenerateDataSet(options).error().code(), ErrorCode::kUsage);
}

TEST_F(DataSetTest, ABrokenFileComesAgainCorrected) {
  const auto report = Describe(R"(
period: {from: 2024-01-01, to: 2024-01-02}
drops: {rows_per_file: 10, broken: 0.5, repeated: 0.5}
tables:
  visits:
    daily: 200
    columns:
      visit_id: {id: "V{day}-###"}
      page: {pick: [home, cart]}
)");
  ASSERT_TRUE(report) << report.error().ToString();
  int broken = 0, repeated = 0;
  for (const GeneratedFile& file : report->files) {
    std::ifstream text(root_ / "own" / file.name);
    std::string header;
    std::getline(text, header);
    broken += header == "visit_id" ? 1 : 0;
    repeated += file.name.ends_with("_again.csv") ? 1 : 0;
    if (!file.name.ends_with("_corrected.csv")) continue;
    std::string corrected = file.name;
    corrected.erase(corrected.find("_corrected"), std::string("_corrected").size());
    EXPECT_TRUE(fs::exists(root_ / "own" / corrected)) << corrected;
  }
  EXPECT_GT(broken, 3);
  EXPECT_GT(repeated, 3);
  EXPECT_EQ(broken + repeated, 20);
}

}  // namespace
}  // namespace smelt::generate
