#include <gtest/gtest.h>

#include <string>

#include "ingest/release.h"
#include "ingest/tests/drops.h"

namespace smelt::ingest {
namespace {

/// `times` is how the source writes changed_at: a format that is missing there is what gets mended.
std::string SourceOfMerges(std::string_view times, std::string_view patience = "") {
  std::string text = R"yml(
name: shop
connector: csv
location: raw
zones: {archive: archive, settle_seconds: 0}
schema: processed
tables:
  - name: items
    files: items*.csv
    required: false
    load: merge
    key: [order_id]
    newest_by: changed_at
)yml";
  text += patience;
  text += "    references: [{columns: [order_id], table: orders}]\n    columns:\n";
  text += "      - {name: order_id, type: text, required: true}\n      - {name: quantity, type: integer}\n";
  text += "      - {name: note, type: text}\n      - {name: changed_at, type: timestamp, required: true, format: " +
          std::string(times) + "}\n";
  text += R"yml(
  - name: orders
    files: orders*.csv
    required: false
    load: merge
    key: [order_id]
    newest_by: changed_at
    columns:
      - {name: order_id, type: text, required: true}
      - {name: total, type: integer}
      - {name: changed_at, type: timestamp, required: true, format: )yml" +
          std::string(times) + "}\n";
  return text;
}

constexpr const char* kIsoAlone = "'%Y-%m-%d %H:%M:%S'";
constexpr const char* kBoth = "['%Y-%m-%d %H:%M:%S', '%d/%m/%Y %H:%M']";

class MergeReleaseTest : public DropsTest {
 protected:
  MergeReleaseTest() : DropsTest(SourceOfMerges(kIsoAlone)) {}

  void Mend(std::string_view times, std::string_view patience = "") {
    Write("project/sources/shop.yml", SourceOfMerges(times, patience));
  }

  static Result<ReleaseReport> Release(engine::Engine& engine, const fs::path& root, const std::string& table) {
    ReleaseOptions options;
    options.project_dir = (root / "project").string();
    options.table = table;
    return ReleaseQuarantined(engine, options);
  }
  ReleaseReport Release(const std::string& table) {
    auto report = Release(*engine_, root_, table);
    EXPECT_TRUE(report) << report.error().ToString();
    return report ? *std::move(report) : ReleaseReport();
  }

  /// Two orders that fit and three that will.
  void LoadOrders() {
    Drop("orders_1.csv",
         "changed_at,order_id,total\n"
         "2026-05-01 10:00:00,a,1\n"
         "01/05/2026 10:00,b,2\n"
         "01/05/2026 12:00,a,3\n"
         "01/05/2026 09:00,c,4\n");
    Drop("orders_2.csv", "changed_at,order_id,total\n2026-05-02 10:00:00,b,7\n");
    EXPECT_EQ(Load().rows_quarantined, 3);
  }
};

TEST_F(MergeReleaseTest, WhatIsNewerInTheTableStays) {
  LoadOrders();
  EXPECT_EQ(Release("orders").released, 0) << "nothing was mended";
  Mend(kBoth);
  const ReleaseReport report = Release("orders");
  EXPECT_EQ(report.released, 3);
  EXPECT_EQ(report.kept, 0);
  EXPECT_EQ(Query("select order_id, total, source_file, source_line from processed.orders order by 1"),
            "a|3|orders_1.csv|4\nb|7|orders_2.csv|2\nc|4|orders_1.csv|5\n");
  EXPECT_EQ(Query("select count(*) from quarantine.orders"), "0\n");
  EXPECT_EQ(Load().rows_in, 0);
}

TEST_F(MergeReleaseTest, RowsWaitForWhatTheyReferTo) {
  Drop("items_1.csv", "order_id,quantity,note,changed_at\na,1,,2026-05-01 10:00:00\na,2,,01/05/2026 10:00\n");
  EXPECT_EQ(Load().rows_quarantined, 1);
  Mend(kBoth);
  const ReleaseReport report = Release("items");
  EXPECT_EQ(report.released, 1);
  EXPECT_EQ(report.waiting, 1);
  EXPECT_EQ(Query("select quantity, source_line from held.items order by all"), "1|2\n2|3\n");
  EXPECT_EQ(Query("select count(*) from quarantine.items"), "0\n");
  Drop("orders_1.csv", "order_id,total,changed_at\na,1,2026-05-01 10:00:00\n");
  EXPECT_EQ(Load().rows_released, 2);
  EXPECT_EQ(Query("select count(*) from held.items"), "0\n");
}

TEST_F(MergeReleaseTest, RowsThatHadWaitedTooLongAreReleasedByTheirValues) {
  Mend(kIsoAlone, "    held_for: 1ms\n");
  Drop("items_1.csv", "note,changed_at,order_id,quantity\n\"x, \"\"y\"\"\",2026-05-01 10:00:00,a,1\n");
  EXPECT_EQ(Load().rows_held, 1);
  EXPECT_EQ(Load().rows_quarantined, 1);
  Drop("orders_1.csv", "order_id,total,changed_at\na,1,2026-05-01 10:00:00\n");
  Load();
  EXPECT_EQ(Release("items").released, 1);
  EXPECT_EQ(Query("select order_id, quantity, note, source_line from processed.items"), "a|1|x, \"y\"|2\n");
  EXPECT_EQ(Query("select count(*) from quarantine.items"), "0\n");
}

TEST_F(MergeReleaseTest, WhateverCallOfTheStoreFailsEachRowIsThereOnce) {
  LoadOrders();
  Mend(kBoth);
  LoseEveryAnswer([this](engine::Engine& faulty) { static_cast<void>(Release(faulty, root_, "orders")); },
                  [this](const std::string& call) {
                    Release("orders");
                    EXPECT_EQ(Query("select order_id, total from processed.orders order by 1"), "a|3\nb|7\nc|4\n")
                        << call;
                    EXPECT_EQ(Query("select count(*) from quarantine.orders"), "0\n") << call;
                  });
}

/// A file in Latin-1 whose header has letters beyond ASCII, and whose columns are in an order of their own.
std::string SourceInLatin1(std::string_view required) {
  return R"yml(
name: shop
connector: csv
location: raw
zones: {archive: archive, settle_seconds: 0}
schema: processed
tables:
  - name: sizes
    files: sizes*.csv
    encoding: latin-1
    columns:
      - {name: size, from: größe, type: text}
      - {name: id, type: text, required: )yml" +
         std::string(required) + "}\n";
}

class Latin1ReleaseTest : public DropsTest {
 protected:
  Latin1ReleaseTest() : DropsTest(SourceInLatin1("true")) {}
};

TEST_F(Latin1ReleaseTest, TheHeaderIsReadAsTheFileIs) {
  Drop("sizes_1.csv",
       "id,gr\xF6\xDF"
       "e\n,zw\xF6lf\nb,drei\n");
  EXPECT_EQ(Load().rows_quarantined, 1);
  Write("project/sources/shop.yml", SourceInLatin1("false"));
  ReleaseOptions options;
  options.project_dir = (root_ / "project").string();
  options.table = "sizes";
  const auto report = ReleaseQuarantined(*engine_, options);
  ASSERT_TRUE(report) << report.error().ToString();
  EXPECT_EQ(report->released, 1);
  EXPECT_EQ(Query("select size from processed.sizes order by 1"), "drei\nzwölf\n");
}

}  // namespace
}  // namespace smelt::ingest
