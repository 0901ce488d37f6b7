#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <thread>

#include "ingest/tests/drops.h"

namespace smelt::ingest {
namespace {

constexpr const char* kShopSource = R"yml(
name: shop
connector: csv
location: raw
schema: processed
tables:
  - name: items
    files: items*.csv
    required: false
    load: merge
    key: [order_id, product_id]
    newest_by: changed_at
    references:
      - {columns: [order_id], table: orders}
      - {columns: [product_id], table: products, key: [id]}
    columns:
      - {name: order_id, type: text, required: true}
      - {name: product_id, type: text, required: true}
      - {name: quantity, type: integer}
      - {name: changed_at, type: timestamp, required: true}
  - name: orders
    files: orders*.csv
    required: false
    load: merge
    key: [order_id]
    newest_by: changed_at
    partition_by: [order_date]
    columns:
      - {name: order_id, type: text, required: true}
      - {name: order_date, type: date, required: true}
      - {name: total, type: 'decimal(10,2)'}
      - {name: changed_at, type: timestamp, required: true}
  - name: products
    files: products*.csv
    required: false
    load: merge
    key: [id]
    columns:
      - {name: id, type: text, required: true}
      - {name: name, type: text}
)yml";

class MergeLoadTest : public DropsTest {
 protected:
  MergeLoadTest() : DropsTest(kShopSource) {}

  static std::string State(engine::Engine& engine) {
    std::string all;
    for (const char* sql : {"select order_id, order_date, total, source_file from processed.orders order by all",
                            "select order_id, product_id, quantity, source_line from processed.items order by all",
                            "select id, name from processed.products order by all",
                            "select order_id, product_id, missing from held.items order by all",
                            "select line, rule from quarantine.orders order by all"}) {
      all += Query(engine, sql) + "--\n";
    }
    return all;
  }
};

constexpr const char* kOrders = "order_id,order_date,total,changed_at\n";
constexpr const char* kItems = "order_id,product_id,quantity,changed_at\n";

TEST_F(MergeLoadTest, TheNewestRowOfAKeyIsKept) {
  Drop("orders_1.csv", std::string(kOrders) +
                           "a,2026-05-01,1,2026-05-01 10:00:00\n"
                           "b,2026-05-01,2,2026-05-01 10:00:00\n"
                           "a,2026-05-01,3,2026-05-01 09:00:00\n"
                           "a,2026-05-01,4,2026-05-01 11:00:00\n");
  IngestReport report = Load();
  EXPECT_EQ(report.rows_in, 4);
  EXPECT_EQ(report.rows_out, 2);
  EXPECT_EQ(report.rows_duplicate, 2);
  EXPECT_EQ(
      Query("select order_id, total, source_file, source_line, data_quality_flag from processed.orders order by 1"),
      "a|4.00|orders_1.csv|5|ok\nb|2.00|orders_1.csv|3|ok\n");

  // An older row changes nothing, a newer one wins, an equal one is a duplicate.
  Drop("orders_2.csv", std::string(kOrders) +
                           "a,2026-05-01,9,2026-05-01 10:30:00\n"
                           "b,2026-05-02,5,2026-05-02 08:00:00\n"
                           "c,2026-05-02,6,2026-05-02 08:00:00\n");
  Drop("orders_3.csv", std::string(kOrders) + "c,2026-05-02,6,2026-05-02 08:00:00\n");
  report = Load();
  EXPECT_EQ(report.rows_out, 2);
  EXPECT_EQ(report.rows_duplicate, 2);
  EXPECT_EQ(Query("select order_id, order_date, total from processed.orders order by 1"),
            "a|2026-05-01|4.00\nb|2026-05-02|5.00\nc|2026-05-02|6.00\n");

  const std::string version = Query("select max(version) from table_history('processed.orders')");
  EXPECT_EQ(Load().files_known, 3);
  EXPECT_EQ(Query("select max(version) from table_history('processed.orders')"), version);
}

TEST_F(MergeLoadTest, ACorrectedFileUnderTheSameNameReplacesItsRows) {
  Drop("orders.csv", std::string(kOrders) + "a,2026-05-01,1,2026-05-01 10:00:00\n");
  Load();
  Drop("orders.csv", std::string(kOrders) + "a,2026-05-01,100,2026-05-01 10:00:00\n");
  EXPECT_EQ(Load().rows_out, 1);
  EXPECT_EQ(Query("select total from processed.orders"), "100.00\n");
}

TEST_F(MergeLoadTest, RowsWaitForWhatTheyReferTo) {
  Drop("items_1.csv", std::string(kItems) +
                          "a,p,1,2026-05-01 10:00:00\n"
                          "late,p,2,2026-05-01 10:00:00\n"
                          "a,new,3,2026-05-01 10:00:00\n");
  Drop("orders_1.csv", std::string(kOrders) + "a,2026-05-01,1,2026-05-01 10:00:00\n");
  Drop("products_1.csv", "id,name\np,Pen\n");
  IngestReport report = Load();
  EXPECT_EQ(report.rows_held, 2);
  EXPECT_EQ(Query("select order_id, quantity from processed.items"), "a|1\n");
  EXPECT_EQ(Query("select order_id, source_line, missing from held.items order by source_line"),
            "late|3|no row of processed.orders has order_id late\na|4|no row of processed.products has "
            "product_id new\n");

  // Nothing has come: nothing is committed.
  const std::string version = Query("select max(version) from table_history('held.items')");
  EXPECT_EQ(Load().rows_released, 0);
  EXPECT_EQ(Query("select max(version) from table_history('held.items')"), version);

  Drop("orders_2.csv", std::string(kOrders) + "late,2026-05-01,7,2026-05-01 12:00:00\n");
  report = Load();
  EXPECT_EQ(report.rows_released, 1);
  EXPECT_EQ(report.rows_out, 2);  // the order and its item
  EXPECT_EQ(Query("select order_id, product_id, source_file from processed.items order by 1"),
            "a|p|items_1.csv\nlate|p|items_1.csv\n");
  EXPECT_EQ(Query("select count(*) from held.items"), "1\n");
}

TEST_F(MergeLoadTest, TheLogOfTheTableTellsWhatBecameOfTheRows) {
  Drop("orders_1.csv", std::string(kOrders) +
                           "a,2026-05-01,1,2026-05-01 10:00:00\n"
                           "b,2026-05-01,1,2026-05-01 10:00:00\n"
                           "a,2026-05-01,2,2026-05-01 09:00:00\n");
  Load();
  EXPECT_EQ(Query("select smelt->>'rows_in', smelt->>'rows_merged', smelt->>'rows_duplicate', "
                  "(smelt->>'$.files[0].arrived')::timestamptz <= timestamp "
                  "from table_history('processed.orders') where smelt->>'kind' = 'ingest'"),
            "3|2|1|true\n");
}

TEST_F(MergeLoadTest, ARowThatWaitedDoesNotReplaceANewerOne) {
  Drop("items_1.csv", std::string(kItems) + "a,p,1,2026-05-01 10:00:00\n");
  Drop("products_1.csv", "id,name\np,Pen\n");
  EXPECT_EQ(Load().rows_held, 1);
  Drop("items_2.csv", std::string(kItems) + "a,p,2,2026-05-02 10:00:00\n");
  Drop("orders_1.csv", std::string(kOrders) + "a,2026-05-01,1,2026-05-01 10:00:00\n");
  const IngestReport report = Load();
  EXPECT_EQ(report.rows_duplicate, 1);
  EXPECT_EQ(Query("select quantity from processed.items"), "2\n");
  EXPECT_EQ(Query("select count(*) from held.items"), "0\n");
}

TEST_F(MergeLoadTest, WhateverCallOfTheStoreFailsTheNextRunPutsRight) {
  Drop("items_1.csv", std::string(kItems) + "a,p,1,2026-05-01 10:00:00\nb,p,2,2026-05-01 10:00:00\n");
  Drop("orders_1.csv",
       std::string(kOrders) + "a,2026-05-01,1,2026-05-01 10:00:00\nx,2026-05-01,dear,2026-05-01 10:00:00\n");
  Drop("products_1.csv", "id,name\np,Pen\n");
  Load();
  Drop("items_2.csv", std::string(kItems) + "c,p,3,2026-05-01 10:00:00\n");
  Drop("orders_2.csv", std::string(kOrders) + "b,2026-05-01,1,2026-05-01 10:00:00\n");
  Load();
  const std::string expected = State(*engine_);

  // The second load again and again, with every call of it failing in turn: before or after its effect.
  const auto forget_second = [&] {
    fs::remove(root_ / "project/raw/items_2.csv");
    fs::remove(root_ / "project/raw/orders_2.csv");
  };
  const auto drop_second = [&] {
    Drop("items_2.csv", std::string(kItems) + "c,p,3,2026-05-01 10:00:00\n");
    Drop("orders_2.csv", std::string(kOrders) + "b,2026-05-01,1,2026-05-01 10:00:00\n");
  };
  forget_second();
  const fs::path before = root_ / "before";
  {
    const auto first = Open(before);
    ASSERT_TRUE(Load(*first));
  }
  const char* every = std::getenv("SMELT_FAULTS_EVERY");
  const int stride = every == nullptr ? 3 : std::max(1, static_cast<int>(std::strtol(every, nullptr, 10)));
  for (int attempt = 0, ran_through = 0; ran_through < 2; ++attempt) {
    const int failing_call = attempt * stride / 2 + 1;
    const bool after = attempt % 2 == 1;
    const fs::path lake = root_ / "again";
    fs::remove_all(lake);
    fs::copy(before, lake, fs::copy_options::recursive);
    drop_second();
    {
      int calls = 0;
      const auto broken = OpenFaulty(lake, [&](const storage::FaultPoint&) -> std::optional<storage::Fault> {
        if (++calls != failing_call) return std::nullopt;
        return storage::Fault{.error = Error(after ? ErrorCode::kStoreUnknown : ErrorCode::kStoreIo, "the store fails"),
                              .after_effect = after};
      });
      const auto report = Load(*broken);
      if (calls < failing_call) {
        ASSERT_TRUE(report);
        ++ran_through;
      }
    }
    const auto good = Open(lake);
    const auto report = Load(*good);
    ASSERT_TRUE(report) << failing_call << ": " << report.error().ToString();
    ASSERT_EQ(State(*good), expected) << failing_call;
    forget_second();
  }
}

TEST_F(MergeLoadTest, TwoRunsAtOnceLoseNothing) {
  constexpr int kFiles = 8, kRows = 50;
  for (int file = 0; file < kFiles; ++file) {
    std::string text = kOrders;
    for (int row = 0; row < kRows; ++row) {
      // Every file has every key; the newest row of a key is in another file each.
      const int minute = (file + row) % kFiles;
      text += "o" + std::to_string(row) + ",2026-05-01," + std::to_string(minute) + ",2026-05-01 10:0" +
              std::to_string(minute) + ":00\n";
    }
    Drop("orders_" + std::to_string(file) + ".csv", text);
  }
  std::jthread other([&] {
    const auto engine = Open(root_ / "lake");
    const auto report = Load(*engine);
    EXPECT_TRUE(report) << report.error().ToString();
  });
  Load();
  other.join();
  EXPECT_EQ(Query("select count(*), min(total), max(total) from processed.orders"), "50|7.00|7.00\n");
}

/// Rows of items wait for a millisecond only.
class GivenUpTest : public DropsTest {
 protected:
  GivenUpTest() : DropsTest(Impatient()) {}

  static std::string Impatient() {
    std::string text = kShopSource;
    const std::string before = "    references:";
    return text.insert(text.find(before), "    held_for: 1ms\n");
  }
  void HoldOne() {
    Drop("items_1.csv", std::string(kItems) + "a,p,1,2026-05-01 10:00:00\n");
    Drop("products_1.csv", "id,name\np,Pen\n");
    EXPECT_EQ(Load().rows_held, 1);
  }
};

TEST_F(GivenUpTest, RowsThatWaitTooLongGoToQuarantine) {
  HoldOne();
  const IngestReport report = Load();
  EXPECT_EQ(report.rows_quarantined, 1);
  EXPECT_EQ(report.rows_released, 1);
  EXPECT_EQ(Query("select count(*) from held.items"), "0\n");
  EXPECT_EQ(
      Query("select category, rule, source_file, line, message, raw_text from quarantine.items"),
      "referential|reference|items_1.csv|2|no row of processed.orders has order_id a|a,p,1,2026-05-01 10:00:00\n");
  EXPECT_EQ(Load().rows_quarantined, 0);
}

TEST_F(GivenUpTest, WhatComesInTheSameRunIsInTime) {
  HoldOne();
  Drop("orders_1.csv", std::string(kOrders) + "a,2026-05-01,1,2026-05-01 10:00:00\n");
  EXPECT_EQ(Load().rows_released, 1);
  EXPECT_EQ(Query("select order_id from processed.items"), "a\n");
  EXPECT_EQ(Query("select count(*) from held.items"), "0\n");
}

TEST_F(GivenUpTest, WhateverCallOfTheStoreFailsARowIsGivenUpOnce) {
  HoldOne();
  LoseEveryAnswer([this](engine::Engine& faulty) { static_cast<void>(Load(faulty)); },
                  [this](const std::string& call) {
                    Load();
                    EXPECT_EQ(Query("select count(*) from quarantine.items"), "1\n") << call;
                    EXPECT_EQ(Query("select count(*) from held.items"), "0\n") << call;
                  });
}

TEST_F(MergeLoadTest, WhatCannotBeMergedIsRefusedWithItsPlace) {
  const auto refusal = [&](const std::string& table) {
    Write("project/sources/shop.yml", "name: s\nconnector: csv\ntables:\n  - name: t\n    files: t.csv\n" + table);
    const auto source = ReadSource((root_ / "project/sources/shop.yml").string(), root_.string());
    return source ? std::string("accepted") : source.error().ToString();
  };
  const std::string columns =
      "    columns:\n      - {name: a, type: text, required: true}\n      - {name: b, type: text}\n";
  EXPECT_NE(refusal("    load: replace\n" + columns).find("shop.yml:6:"), std::string::npos)
      << refusal("    load: replace\n" + columns);
  EXPECT_NE(refusal("    load: merge\n" + columns).find("has no key"), std::string::npos);
  EXPECT_NE(refusal("    load: merge\n    key: [b]\n" + columns).find("'b' of 't' may be missing"), std::string::npos);
  EXPECT_NE(refusal("    newest_by: a\n" + columns).find("for tables that are merged"), std::string::npos);
  EXPECT_NE(refusal("    load: merge\n    key: [a]\n    newest_by: c\n" + columns).find("no column of 't'"),
            std::string::npos);
  EXPECT_NE(refusal("    load: merge\n    key: [a]\n    references: [{columns: [a], table: u}]\n" + columns)
                .find("refers to 'u'"),
            std::string::npos);
  EXPECT_NE(refusal("    load: merge\n    key: [a]\n    references: [{columns: [a], table: t}]\n" + columns)
                .find("same table"),
            std::string::npos);
  EXPECT_NE(
      refusal("    load: merge\n    key: [a]\n    references: [{columns: [a], table: t, key: [a, b]}]\n" + columns)
          .find("1 columns refer to a key of 2"),
      std::string::npos);
}

}  // namespace
}  // namespace smelt::ingest
