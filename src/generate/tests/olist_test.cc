#include "generate/olist.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace smelt::generate {
namespace {

namespace fs = std::filesystem;

using Row = std::vector<std::string>;

struct Csv {
  Row header;
  std::vector<Row> rows;

  std::vector<std::string> Column(const std::string& name) const {
    const auto at = static_cast<std::size_t>(std::ranges::find(header, name) - header.begin());
    EXPECT_LT(at, header.size()) << name;
    std::vector<std::string> values;
    for (const Row& row : rows) values.push_back(row.at(at));
    return values;
  }
};

std::string ReadBytes(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// A reader of quoted CSV that is as plain as can be.
Csv ReadCsv(const fs::path& path) {
  const std::string text = ReadBytes(path);
  Csv csv;
  Row row(1);
  bool quoted = false;
  const auto end_row = [&] {
    (csv.header.empty() ? csv.header : csv.rows.emplace_back()) = row;
    row.assign(1, "");
  };
  for (std::size_t i = text.starts_with("\xEF\xBB\xBF") ? 3 : 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"') {
        row.back() += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        row.back() += text[++i];
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      row.emplace_back();
    } else if (c == '\n') {
      end_row();
    } else if (c != '\r') {
      row.back() += c;
    }
  }
  if (row.size() > 1) end_row();
  return csv;
}

std::int64_t Count(const std::vector<std::string>& values, const std::string& wanted) {
  return std::ranges::count(values, wanted);
}

std::set<std::string> Distinct(const std::vector<std::string>& values) {
  return {values.begin(), values.end()};
}

bool Contains(const std::vector<std::string>& within, const std::vector<std::string>& values) {
  const std::set<std::string> known = Distinct(within);
  return std::ranges::all_of(values, [&](const std::string& value) { return known.contains(value); });
}

class OlistTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(testing::TempDir()) / ("smelt-olist-" + std::to_string(::getpid()));
    fs::remove_all(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  GenerateReport Generate(const std::string& folder, OlistOptions options) {
    options.out_dir = (root_ / folder).string();
    auto report = GenerateOlist(options);
    EXPECT_TRUE(report) << report.error().ToString();
    return report ? *report : GenerateReport{};
  }

  Csv Read(const std::string& name) { return ReadCsv(root_ / name); }

  std::map<std::string, std::string> Bytes(const std::string& folder) {
    std::map<std::string, std::string> bytes;
    for (const auto& entry : fs::recursive_directory_iterator(root_ / folder)) {
      if (entry.is_regular_file()) bytes[fs::relative(entry.path(), root_ / folder).string()] = ReadBytes(entry.path());
    }
    return bytes;
  }

  fs::path root_;
};

/// One data set of scale 1, whose files the tests look at.
class FullSizeOlistTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = fs::path(testing::TempDir()) / ("smelt-olist-full-" + std::to_string(::getpid()));
    auto report = GenerateOlist({.scale = 1.0, .seed = 42, .out_dir = folder_.string()});
    ASSERT_TRUE(report) << report.error().ToString();
    report_ = *report;
  }
  static void TearDownTestSuite() { fs::remove_all(folder_); }

  static Csv Read(const std::string& name) { return ReadCsv(folder_ / name); }

  static inline fs::path folder_;
  static inline GenerateReport report_;
};

TEST_F(FullSizeOlistTest, FilesHaveTheDocumentedRows) {
  std::map<std::string, std::int64_t> rows;
  for (const GeneratedFile& file : report_.files) {
    rows[file.name] = file.rows;
    EXPECT_EQ(static_cast<std::uintmax_t>(file.bytes), fs::file_size(folder_ / file.name)) << file.name;
  }
  EXPECT_EQ(rows, (std::map<std::string, std::int64_t>{{"olist_orders_dataset.csv", 99'441},
                                                       {"olist_order_items_dataset.csv", 112'650},
                                                       {"olist_customers_dataset.csv", 99'441},
                                                       {"olist_products_dataset.csv", 32'951},
                                                       {"olist_sellers_dataset.csv", 3'095},
                                                       {"olist_order_reviews_dataset.csv", 99'224},
                                                       {"olist_order_payments_dataset.csv", 103'886},
                                                       {"olist_geolocation_dataset.csv", 1'000'163},
                                                       {"product_category_name_translation.csv", 71}}));
}

TEST_F(FullSizeOlistTest, OrdersHaveTheDocumentedGaps) {
  const Csv orders = Read("olist_orders_dataset.csv");
  ASSERT_EQ(orders.rows.size(), 99'441u);
  const auto ids = orders.Column("order_id");
  EXPECT_EQ(Distinct(ids).size(), ids.size());
  EXPECT_EQ(ids.front().find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(ids.front().size(), 32u);
  EXPECT_EQ(Count(orders.Column("order_approved_at"), ""), 160);
  EXPECT_EQ(Count(orders.Column("order_delivered_carrier_date"), ""), 1'783);
  EXPECT_EQ(Count(orders.Column("order_delivered_customer_date"), ""), 2'965);
  const auto statuses = orders.Column("order_status");
  EXPECT_EQ(Distinct(statuses).size(), 8u);
  EXPECT_EQ(Count(statuses, "delivered"), 96'478);
  EXPECT_EQ(Count(statuses, "shipped"), 1'107);
}

TEST_F(FullSizeOlistTest, OrdersSpreadOverThePeriod) {
  const Csv orders = Read("olist_orders_dataset.csv");
  const auto purchased = orders.Column("order_purchase_timestamp");
  const auto delivered = orders.Column("order_delivered_customer_date");
  const auto promised = orders.Column("order_estimated_delivery_date");
  std::map<std::string, std::int64_t> per_month, per_day;
  std::int64_t late = 0;
  for (std::size_t i = 0; i < purchased.size(); ++i) {
    ++per_month[purchased[i].substr(0, 7)];
    ++per_day[purchased[i].substr(0, 10)];
    late += delivered[i] > promised[i] ? 1 : 0;
    EXPECT_TRUE(delivered[i].empty() || delivered[i] > purchased[i]);
    EXPECT_LT(purchased[i], promised[i]);
  }
  EXPECT_NEAR(static_cast<double>(late) / (99'441 - 2'965), 0.08, 0.01);
  EXPECT_EQ(per_month.size(), 26u);
  EXPECT_EQ(per_month.begin()->first, "2016-09");
  EXPECT_EQ(per_month.rbegin()->first, "2018-10");
  EXPECT_GT(per_month["2018-06"], 3 * per_month["2017-02"]);
  EXPECT_EQ(std::ranges::max_element(per_day, {}, [](const auto& day) { return day.second; })->first, "2017-11-24");
}

TEST_F(FullSizeOlistTest, EveryReferenceIsKnown) {
  const Csv orders = Read("olist_orders_dataset.csv"), items = Read("olist_order_items_dataset.csv");
  const Csv products = Read("olist_products_dataset.csv");
  const auto ids = orders.Column("order_id");
  const Csv payments = Read("olist_order_payments_dataset.csv");
  EXPECT_EQ(Distinct(Read("olist_customers_dataset.csv").Column("customer_id")),
            Distinct(orders.Column("customer_id")));
  EXPECT_EQ(ids.size() - Distinct(items.Column("order_id")).size(), 775u);
  EXPECT_TRUE(Contains(ids, items.Column("order_id")));
  EXPECT_EQ(Distinct(products.Column("product_id")).size(), 32'951u);
  EXPECT_EQ(Distinct(items.Column("product_id")), Distinct(products.Column("product_id")));
  EXPECT_EQ(Distinct(items.Column("seller_id")), Distinct(Read("olist_sellers_dataset.csv").Column("seller_id")));
  EXPECT_EQ(ids.size() - Distinct(payments.Column("order_id")).size(), 1u);
  EXPECT_TRUE(Contains(ids, payments.Column("order_id")));
  EXPECT_TRUE(Contains(ids, Read("olist_order_reviews_dataset.csv").Column("order_id")));
}

TEST_F(FullSizeOlistTest, CustomersComeBackAndKeepLeadingZeros) {
  const Csv customers = Read("olist_customers_dataset.csv");
  EXPECT_EQ(Distinct(customers.Column("customer_unique_id")).size(), 96'096u);
  const auto zips = customers.Column("customer_zip_code_prefix");
  EXPECT_TRUE(std::ranges::all_of(zips, [](const std::string& zip) { return zip.size() == 5; }));
  EXPECT_GT(std::ranges::count_if(zips, [](const std::string& zip) { return zip[0] == '0'; }), 10'000);
}

TEST_F(FullSizeOlistTest, SomeProductsLackCategoryOrTranslation) {
  const Csv products = Read("olist_products_dataset.csv");
  const auto categories = products.Column("product_category_name");
  EXPECT_EQ(Count(categories, ""), 610);
  EXPECT_EQ(Count(products.Column("product_weight_g"), ""), 2);
  std::set<std::string> untranslated = Distinct(categories);
  EXPECT_EQ(untranslated.size(), 74u);  // and the empty one
  for (const std::string& name : Read("product_category_name_translation.csv").Column("product_category_name")) {
    EXPECT_EQ(untranslated.erase(name), 1u) << name;
  }
  EXPECT_EQ(untranslated.size(), 3u);
  EXPECT_TRUE(ReadBytes(folder_ / "product_category_name_translation.csv").starts_with("\xEF\xBB\xBFproduct_category"));
}

TEST_F(FullSizeOlistTest, PaymentsHaveTheDocumentedTypes) {
  const auto types = Read("olist_order_payments_dataset.csv").Column("payment_type");
  EXPECT_EQ(Distinct(types), (std::set<std::string>{"boleto", "credit_card", "debit_card", "not_defined", "voucher"}));
  EXPECT_NEAR(static_cast<double>(Count(types, "credit_card")) / 103'886, 0.74, 0.02);
  EXPECT_NEAR(static_cast<double>(Count(types, "boleto")) / 103'886, 0.19, 0.02);
}

TEST_F(FullSizeOlistTest, ReviewsRepeatIdsAndHoldHardText) {
  const Csv reviews = Read("olist_order_reviews_dataset.csv");
  EXPECT_EQ(Distinct(reviews.Column("review_id")).size(), 99'224u - 814u);
  EXPECT_EQ(Distinct(reviews.Column("order_id")).size(), 98'673u);
  const auto messages = reviews.Column("review_comment_message");
  for (const std::string sign : {",", "\"", "\n", "\r\n", "ã"}) {
    const auto holds = [&](const std::string& text) { return text.find(sign) != std::string::npos; };
    EXPECT_GT(std::ranges::count_if(messages, holds), 100) << sign;
  }
}

TEST_F(FullSizeOlistTest, GeolocationRepeatsRowsAndSpellsTownsTwice) {
  Csv geolocation = Read("olist_geolocation_dataset.csv");
  const std::set<std::string> cities = Distinct(geolocation.Column("geolocation_city"));
  EXPECT_TRUE(cities.contains("são paulo"));
  EXPECT_TRUE(cities.contains("sao paulo"));
  std::ranges::sort(geolocation.rows);
  EXPECT_EQ(std::ranges::unique(geolocation.rows).size(), 1'000'163u - 738'332u);
}

TEST_F(OlistTest, CountsFollowTheScale) {
  std::map<std::string, std::int64_t> rows;
  for (const GeneratedFile& file : Generate("small", {.scale = 0.01}).files) {
    rows[file.name] = file.rows;
    EXPECT_EQ(Read("small/" + file.name).rows.size(), static_cast<std::size_t>(file.rows)) << file.name;
  }
  EXPECT_EQ(rows, (std::map<std::string, std::int64_t>{{"olist_orders_dataset.csv", 994},
                                                       {"olist_order_items_dataset.csv", 1'127},
                                                       {"olist_customers_dataset.csv", 994},
                                                       {"olist_products_dataset.csv", 330},
                                                       {"olist_sellers_dataset.csv", 31},
                                                       {"olist_order_reviews_dataset.csv", 992},
                                                       {"olist_order_payments_dataset.csv", 1'039},
                                                       {"olist_geolocation_dataset.csv", 10'002},
                                                       {"product_category_name_translation.csv", 71}}));
  EXPECT_EQ(Distinct(Read("small/olist_customers_dataset.csv").Column("customer_unique_id")).size(), 961u);
  EXPECT_EQ(Count(Read("small/olist_products_dataset.csv").Column("product_category_name"), ""), 6);
}

TEST_F(OlistTest, SmallestScaleHasEveryFile) {
  const GenerateReport report = Generate("tiny", {.scale = 0.001, .extra_days = 2});
  EXPECT_EQ(report.files.size(), 9u + 2 * 7u);
  EXPECT_EQ(Read("tiny/olist_orders_dataset.csv").rows.size(), 99u);
}

TEST_F(OlistTest, SameSeedSameBytesOtherSeedOtherBytes) {
  Generate("a", {.scale = 0.01, .seed = 7});
  Generate("b", {.scale = 0.01, .seed = 7});
  Generate("c", {.scale = 0.01, .seed = 8});
  EXPECT_EQ(Bytes("a"), Bytes("b"));
  const auto a = Bytes("a"), c = Bytes("c");
  for (const auto& [name, bytes] : a) {
    EXPECT_EQ(bytes == c.at(name), name == "product_category_name_translation.csv") << name;
  }
}

/// The bytes of a seed are a promise across machines and releases: this fails when they change.
TEST_F(OlistTest, BytesOfASeedAreFixed) {
  Generate("fixed", {.scale = 0.01, .seed = 1});
  std::map<std::string, std::uint64_t> hashes;
  for (const auto& [name, bytes] : Bytes("fixed")) {
    std::uint64_t hash = 0xCBF29CE484222325;
    for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
    hashes[name] = hash;
  }
  EXPECT_EQ(hashes,
            (std::map<std::string, std::uint64_t>{{"olist_customers_dataset.csv", 3707875142574399816u},
                                                  {"olist_geolocation_dataset.csv", 16033284107005044086u},
                                                  {"olist_order_items_dataset.csv", 8773761574105165626u},
                                                  {"olist_order_payments_dataset.csv", 4386722380360610312u},
                                                  {"olist_order_reviews_dataset.csv", 2761050530388566686u},
                                                  {"olist_orders_dataset.csv", 17338649187574298841u},
                                                  {"olist_products_dataset.csv", 9520840455286182478u},
                                                  {"olist_sellers_dataset.csv", 8897915641795334839u},
                                                  {"product_category_name_translation.csv", 5810439988917945475u}}));
}

TEST_F(OlistTest, ExtraDaysContinueTheBaseAndLeaveItAlone) {
  Generate("base", {.scale = 0.01});
  Generate("with_days", {.scale = 0.01, .extra_days = 3});
  Generate("only_day_3", {.scale = 0.01, .base = false, .first_extra_day = 3, .extra_days = 1});
  const auto base = Bytes("base"), with_days = Bytes("with_days"), only_day_3 = Bytes("only_day_3");
  EXPECT_EQ(with_days.size(), base.size() + 3 * 7);
  for (const auto& [name, bytes] : base) EXPECT_EQ(with_days.at(name), bytes) << name;
  ASSERT_EQ(only_day_3.size(), 7u);
  for (const auto& [name, bytes] : only_day_3) {
    EXPECT_EQ(name.substr(0, 11), "2018-10-20/");
    EXPECT_EQ(with_days.at(name), bytes) << name;
  }
}

TEST_F(OlistTest, ExtraDaysReferToWhatExists) {
  Generate("all", {.scale = 0.05, .extra_days = 2});
  const auto base_orders = Read("all/olist_orders_dataset.csv").Column("order_id");
  const auto base_people = Read("all/olist_customers_dataset.csv").Column("customer_unique_id");
  const auto products = Read("all/olist_products_dataset.csv");
  const auto sellers = Read("all/olist_sellers_dataset.csv");
  for (const std::string day : {"2018-10-18", "2018-10-19"}) {
    const std::string folder = "all/" + day + "/";
    const Csv orders = Read(folder + "olist_orders_dataset.csv");
    ASSERT_GT(orders.rows.size(), 5u);
    for (const std::string& time : orders.Column("order_purchase_timestamp")) EXPECT_EQ(time.substr(0, 10), day);
    for (const std::string& id : orders.Column("order_id")) EXPECT_EQ(Count(base_orders, id), 0);
    const Csv items = Read(folder + "olist_order_items_dataset.csv");
    EXPECT_TRUE(Contains(orders.Column("order_id"), items.Column("order_id")));
    EXPECT_TRUE(Contains(products.Column("product_id"), items.Column("product_id")));
    EXPECT_TRUE(Contains(sellers.Column("seller_id"), items.Column("seller_id")));
    EXPECT_EQ(Distinct(Read(folder + "olist_customers_dataset.csv").Column("customer_id")),
              Distinct(orders.Column("customer_id")));
    EXPECT_TRUE(
        Contains(orders.Column("order_id"), Read(folder + "olist_order_payments_dataset.csv").Column("order_id")));
    EXPECT_TRUE(
        Contains(orders.Column("order_id"), Read(folder + "olist_order_reviews_dataset.csv").Column("order_id")));
    for (const Row& changed : Read(folder + "olist_products_dataset.csv").rows) {
      const auto known = std::ranges::find(products.rows, changed[0], [](const Row& row) { return row[0]; });
      ASSERT_NE(known, products.rows.end());
      EXPECT_NE(*known, changed);
    }
    EXPECT_TRUE(Contains(sellers.Column("seller_id"), Read(folder + "olist_sellers_dataset.csv").Column("seller_id")));
  }
  const Csv customers = Read("all/2018-10-18/olist_customers_dataset.csv");
  EXPECT_FALSE(Contains(base_people, customers.Column("customer_unique_id")));
}

TEST_F(OlistTest, RefusesWhatItCannotDo) {
  const auto code = [&](const OlistOptions& options) {
    const auto report = GenerateOlist(options);
    return report ? ErrorCode::kInternal : report.error().code();
  };
  const std::string out = (root_ / "x").string();
  EXPECT_EQ(code({.scale = 0, .out_dir = out}), ErrorCode::kUsage);
  EXPECT_EQ(code({.scale = 1e9, .out_dir = out}), ErrorCode::kUsage);
  EXPECT_EQ(code({.scale = 0.01}), ErrorCode::kUsage);
  EXPECT_EQ(code({.scale = 0.01, .out_dir = out, .extra_days = -1}), ErrorCode::kUsage);
  EXPECT_FALSE(fs::exists(out));
}

TEST_F(OlistTest, FailsWhenTheFolderCannotBeMade) {
  fs::create_directories(root_);
  std::ofstream(root_ / "file") << "in the way";
  const auto report = GenerateOlist({.scale = 0.01, .out_dir = (root_ / "file" / "out").string()});
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().message().find("file"), std::string::npos);
}

TEST_F(OlistTest, TellsHowFarItIs) {
  std::vector<std::int64_t> done;
  std::int64_t total = 0;
  const OlistOptions options{.scale = 0.05, .out_dir = (root_ / "told").string(), .extra_days = 2};
  const auto report = GenerateOlist(options, {}, [&](std::int64_t rows_done, std::int64_t rows_total) {
    done.push_back(rows_done);
    total = rows_total;
  });
  ASSERT_TRUE(report) << report.error().ToString();
  EXPECT_GT(done.size(), report->files.size());  // large files tell more than once
  EXPECT_TRUE(std::ranges::is_sorted(done));
  EXPECT_EQ(done.back(), report->rows());
  EXPECT_NEAR(static_cast<double>(total), static_cast<double>(report->rows()), 0.01 * static_cast<double>(total));
}

TEST_F(OlistTest, StopsOnRequestAndLeavesNoFile) {
  std::stop_source source;
  source.request_stop();
  const auto report = GenerateOlist({.scale = 0.01, .out_dir = (root_ / "stopped").string()}, source.get_token());
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code(), ErrorCode::kCancelled);
  EXPECT_TRUE(fs::is_empty(root_ / "stopped"));
}

}  // namespace
}  // namespace smelt::generate
