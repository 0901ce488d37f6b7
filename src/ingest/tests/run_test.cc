#include "ingest/run.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/id.h"

namespace smelt::ingest {
namespace {

namespace fs = std::filesystem;

/// Keeps what a run reported.
class Recorder : public RunObserver {
 public:
  void StepStarted(std::string_view name, std::string_view) override {
    std::lock_guard guard(lock_);
    started.emplace(name);
  }
  void StepProgress(std::string_view name, std::int64_t done, std::int64_t total, std::string_view unit) override {
    std::lock_guard guard(lock_);
    EXPECT_EQ(unit, "bytes");
    EXPECT_LE(done, total);
    progress[std::string(name)] = done;
  }
  void StepFinished(const StepResult& result) override {
    std::lock_guard guard(lock_);
    finished[result.name] = result;
  }

  std::set<std::string> started;
  std::map<std::string, std::int64_t> progress;
  std::map<std::string, StepResult> finished;

 private:
  std::mutex lock_;
};

constexpr const char* kPeople = R"(
name: crm
connector: csv
location: data
tables:
  - name: people
    files: people*.csv
    key: [id]
    columns:
      - {name: id, type: integer, required: true}
      - name: name
        type: text
        checks:
          - length: {max: 5}
            severity: warn
      - {name: born, type: date}
      - name: balance
        type: decimal(10,2)
        checks:
          - min: 0
  - name: pets
    files: pets*.csv
    required: false
    columns:
      - {name: pet, type: text}
)";

class RunTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(testing::TempDir()) / ("smelt-ingest-" + NewUuid());
    Write("project/sources/crm.yml", kPeople);
    fs::create_directories(root_ / "project/data");
  }
  void TearDown() override {
    engine_.reset();
    fs::remove_all(root_);
  }

  void Write(const std::string& name, std::string_view text) {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name, std::ios::binary) << text;
  }
  void WriteData(const std::string& name, std::string_view text) { Write("project/data/" + name, text); }

  std::unique_ptr<engine::Engine> OpenEngine() {
    auto engine = engine::Engine::Open(
        {.lake = (root_ / "lake").string(), .threads = 2, .memory_limit = {}, .temp_directory = {}});
    EXPECT_TRUE(engine) << engine.error().ToString();
    return std::move(*engine);
  }
  engine::Engine& engine() {
    if (!engine_) engine_ = OpenEngine();
    return *engine_;
  }

  IngestOptions Options() const {
    IngestOptions options;
    options.project_dir = (root_ / "project").string();
    options.threads = 2;
    return options;
  }

  Result<IngestReport> RunOnce(const IngestOptions& options) {
    recorder_ = std::make_unique<Recorder>();
    return RunIngest(engine(), options, *recorder_);
  }
  Result<IngestReport> RunOnce() { return RunOnce(Options()); }
  IngestReport RunWell() {
    auto report = RunOnce();
    EXPECT_TRUE(report) << report.error().ToString();
    return report ? *report : IngestReport{};
  }
  Error RunBadly() {
    auto report = RunOnce();
    EXPECT_FALSE(report);
    return report ? Error(ErrorCode::kInternal, "no error") : report.error();
  }

  /// All cells of a result, joined by '|' per row and rows by newlines.
  std::string Query(const std::string& sql) {
    auto session = engine().Connect();
    EXPECT_TRUE(session);
    auto table = (*session)->Query(sql);
    EXPECT_TRUE(table) << sql << "\n" << table.error().ToString();
    std::string text;
    for (const auto& row : table ? table->rows : std::vector<std::vector<engine::Cell>>{}) {
      for (std::size_t i = 0; i < row.size(); ++i) text += (i > 0 ? "|" : "") + row[i].value_or("NULL");
      text += '\n';
    }
    return text;
  }

  /// Every file of the lake with its content's hash.
  std::map<std::string, std::string> LakeFiles() {
    std::map<std::string, std::string> files;
    if (!fs::exists(root_ / "lake")) return files;
    for (const auto& entry : fs::recursive_directory_iterator(root_ / "lake")) {
      if (entry.is_regular_file()) files[entry.path().string()] = ContentHash(*ReadWholeFile(entry.path().string()));
    }
    return files;
  }

  fs::path root_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<Recorder> recorder_;
};

TEST_F(RunTest, LoadsTypesAndMarksRows) {
  WriteData("people.csv", "id,name,born,balance\n1,ana,1990-02-28,10.5\n2,,,\n2,\"bea, b\",2000-01-01,0\n");
  const IngestReport report = RunWell();
  EXPECT_EQ(report.rows_in, 3);
  EXPECT_EQ(report.rows_out, 3);
  EXPECT_EQ(report.files_loaded, 1);
  EXPECT_EQ(Query("select id, name, born, balance, source_file, data_quality_flag from bronze.people order by balance "
                  "nulls last, id"),
            "2|bea, b|2000-01-01|0.00|people.csv|duplicate_key;name:length\n"
            "1|ana|1990-02-28|10.50|people.csv|ok\n"
            "2|NULL|NULL|NULL|people.csv|ok\n");
  EXPECT_EQ(Query("select count(distinct ingestion_timestamp), bool_and(ingest_date = ingestion_timestamp::date) from "
                  "bronze.people"),
            "1|true\n");
  const auto info = *engine().FindTable("bronze", "people");
  EXPECT_EQ(info->partition_columns, std::vector<std::string>{"ingest_date"});
  EXPECT_EQ(info->txns.size(), 1u);
  EXPECT_EQ(info->last_info["rows_in"], 3);
  EXPECT_EQ(recorder_->finished["bronze.people"].status, StepStatus::kDone);
  EXPECT_EQ(recorder_->finished["bronze.pets"].status, StepStatus::kNothing);
  EXPECT_EQ(recorder_->progress["bronze.people"],
            static_cast<std::int64_t>(fs::file_size(root_ / "project/data/people.csv")));
}

TEST_F(RunTest, RowsThatDoNotFitGoToQuarantine) {
  WriteData("people.csv",
            "id,name,born,balance\n"
            "x,ana,1990-02-28,10.5\n"
            "1,ana\n"
            ",\"an\na\",,\n"
            "2,ana,1990-02-30,-1\n"
            "3,jo\xE3o,,\n"
            "4,\"a\"b,,\n"
            "5,eva,,5\n");
  const IngestReport report = RunWell();
  EXPECT_EQ(report.rows_in, 7);
  EXPECT_EQ(report.rows_out, 1);
  EXPECT_EQ(report.rows_quarantined, 6);
  EXPECT_EQ(
      Query("select line, column_name, rule, message, raw_text from quarantine.people order by line"),
      "2|id|type|'x' is not a whole number|x,ana,1990-02-28,10.5\n"
      "3|NULL|ragged|the row has 2 fields instead of 4|1,ana\n"
      "4|id|required|the value is missing|,\"an\na\",,\n"
      "6|born|type|'1990-02-30' names a day or time that does not exist; balance: '-1' is below 0|2,ana,1990-02-30,-1\n"
      "7|name|encoding|the bytes are not UTF-8|3,jo\\xE3o,,\n"
      "8|NULL|quoting|there is text between a closing quote and the next delimiter|4,\"a\"b,,\n");
  EXPECT_EQ(Query("select distinct source, source_file from quarantine.people"), "crm|people.csv\n");
  EXPECT_EQ(recorder_->finished["bronze.people"].rows_quarantined, 6);
}

TEST_F(RunTest, SecondRunCommitsNothing) {
  WriteData("people.csv", "id,name,born,balance\n1,ana,,\nx,,,\n");
  RunWell();
  const auto before = LakeFiles();
  const IngestReport again = RunWell();
  EXPECT_EQ(again.files_loaded, 0);
  EXPECT_EQ(again.files_known, 1);
  EXPECT_EQ(recorder_->finished["bronze.people"].status, StepStatus::kNothing);
  EXPECT_EQ(LakeFiles(), before);
}

TEST_F(RunTest, OnlyNewContentIsRead) {
  WriteData("people.csv", "id,name,born,balance\n1,ana,,\n");
  RunWell();
  WriteData("2018-10-18/people_2.csv", "id,name,born,balance\n2,bea,,\n");
  WriteData("copy/people.csv", "id,name,born,balance\n1,ana,,\n");
  const IngestReport report = RunWell();
  EXPECT_EQ(report.files_loaded, 1);
  EXPECT_EQ(report.files_known, 2);
  EXPECT_EQ(Query("select id, source_file from bronze.people order by id"),
            "1|people.csv\n2|2018-10-18/people_2.csv\n");
  // The changed file is new content: bronze keeps both.
  WriteData("people.csv", "id,name,born,balance\n1,anna,,\n");
  EXPECT_EQ(RunWell().rows_in, 1);
  EXPECT_EQ(Query("select count(*) from bronze.people"), "3\n");
}

TEST_F(RunTest, FileWithoutRowsIsRemembered) {
  WriteData("people.csv", "id,name,born,balance\n");
  EXPECT_EQ(RunWell().files_loaded, 1);
  const auto before = LakeFiles();
  EXPECT_EQ(RunWell().files_known, 1);
  EXPECT_EQ(LakeFiles(), before);
}

TEST_F(RunTest, FileOfOnlyRejectsIsRemembered) {
  WriteData("people.csv", "id,name,born,balance\nx,,,\ny,,,\n");
  EXPECT_EQ(RunWell().rows_quarantined, 2);
  const auto before = LakeFiles();
  EXPECT_EQ(RunWell().files_known, 1);
  EXPECT_EQ(LakeFiles(), before);
}

TEST_F(RunTest, ColumnsMayStandInAnyOrder) {
  WriteData("people.csv",
            "\xEF\xBB\xBF"
            "balance,id,born,name\r\n1.5,7,,\"x\"\r\n");
  RunWell();
  EXPECT_EQ(Query("select id, name, balance from bronze.people"), "7|x|1.50\n");
}

TEST_F(RunTest, RejectsBeyondTheMemoryLimitAreKept) {
  std::string text = "id,name,born,balance\n";
  for (int i = 0; i < 5'000; ++i) text += "bad" + std::to_string(i) + ",,,\n";
  WriteData("people.csv", text);
  IngestOptions options = Options();
  options.quarantine_memory_bytes_max = 10'000;
  const auto report = RunOnce(options);
  ASSERT_TRUE(report) << report.error().ToString();
  EXPECT_EQ(report->rows_quarantined, 5'000);
  EXPECT_EQ(Query("select count(*), count(distinct raw_text), min(line), max(line) from quarantine.people"),
            "5000|5000|2|5001\n");
}

/// Each file that is refused as a whole: the error names file and line, and the lake stays as it was.
TEST_F(RunTest, RefusedFilesLeaveTheLakeAsItWas) {
  WriteData("people.csv", "id,name,born,balance\n1,ana,,\n");
  RunWell();
  const auto before = LakeFiles();
  struct Case {
    std::string text;
    ErrorCode code;
    std::int64_t line;
    std::string words;
  };
  const std::vector<Case> cases = {
      {"", ErrorCode::kCsvNoHeader, 1, "empty"},
      {"\n\n", ErrorCode::kCsvNoHeader, 1, "empty"},
      {"id,nam,born,balance\n", ErrorCode::kCsvColumnMissing, 1, "'name' is missing"},
      {"id,name,born,balance,age\n", ErrorCode::kCsvColumnUnexpected, 1, "'age'"},
      {"id,name,born,balance,id\n", ErrorCode::kCsvHeaderInvalid, 1, "twice"},
      {"id,name,born,bal\xE3nce\n", ErrorCode::kCsvHeaderInvalid, 1, "UTF-8"},
      {std::string("\xFF\xFEi\0d\0", 6), ErrorCode::kCsvHeaderInvalid, 1, "UTF-16"},
      {"\x1F\x8B\x08 packed", ErrorCode::kCsvHeaderInvalid, 1, "gzip"},
      {"PK\x03\x04\x14\xFF", ErrorCode::kCsvHeaderInvalid, 1, "spreadsheet"},
      {std::string(3'000'000, 'x'), ErrorCode::kCsvColumnMissing, 1, "'id' is missing"},
      {std::string(500'000, ',') + "\n", ErrorCode::kCsvHeaderInvalid, 1, "'' twice"},
      {"id,name,born,balance\n2,bea,,\n3,\"eva,,\n4,ida,,\n", ErrorCode::kCsvUnclosedQuote, 3, "not closed"},
  };
  for (const Case& each : cases) {
    WriteData("people_new.csv", each.text);
    WriteData("pets.csv", "pet\ncat\n");  // fits, and is held back all the same
    const Error error = RunBadly();
    EXPECT_EQ(error.code(), each.code) << error.ToString();
    EXPECT_TRUE(error.file().ends_with("people_new.csv")) << error.ToString();
    EXPECT_EQ(error.line(), each.line) << error.ToString();
    EXPECT_NE(error.ToString().find(each.words), std::string::npos) << error.ToString();
    EXPECT_LT(error.ToString().size(), 2'000u);
    EXPECT_EQ(recorder_->finished["bronze.people"].status, StepStatus::kFailed);
    EXPECT_EQ(recorder_->finished["bronze.pets"].status, StepStatus::kSkipped);
    EXPECT_EQ(LakeFiles(), before) << each.text;
  }
}

TEST_F(RunTest, MissingFilesAreNamed) {
  EXPECT_EQ(RunBadly().code(), ErrorCode::kIngestFileMissing);
  WriteData("pets.csv", "pet\ncat\n");
  const Error error = RunBadly();
  EXPECT_EQ(error.code(), ErrorCode::kIngestFileMissing);
  EXPECT_TRUE(error.file().ends_with("crm.yml"));
  EXPECT_NE(error.message().find("people*.csv"), std::string::npos) << error.ToString();
  EXPECT_TRUE(LakeFiles().empty());
  // Once the table is there, later deliveries need not bring every file.
  WriteData("people.csv", "id,name,born,balance\n1,ana,,\n");
  RunWell();
  fs::remove(root_ / "project/data/people.csv");
  EXPECT_EQ(RunWell().files_known, 1);
}

TEST_F(RunTest, FoldersThatCannotBeReadAreNamed) {
  IngestOptions options = Options();
  options.data_dir = (root_ / "nowhere").string();
  const auto report = RunOnce(options);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code(), ErrorCode::kStoreNotFound);
  EXPECT_NE(report.error().message().find("nowhere"), std::string::npos);
}

TEST_F(RunTest, SelectsSourcesAndTables) {
  WriteData("people.csv", "id,name,born,balance\n1,ana,,\n");
  WriteData("pets.csv", "pet\ncat\n");
  WriteData("notes.txt", "?");
  IngestOptions options = Options();
  options.tables = {"bronze.pets"};
  const auto report = RunOnce(options);
  ASSERT_TRUE(report) << report.error().ToString();
  EXPECT_EQ(report->steps.size(), 1u);
  EXPECT_EQ(report->files_unclaimed, std::vector<std::string>{"notes.txt"});
  EXPECT_FALSE(*engine().FindTable("bronze", "people"));
  options.tables = {"pet"};
  EXPECT_EQ(RunOnce(options).error().code(), ErrorCode::kIngestSourceUnknown);
  EXPECT_NE(RunOnce(options).error().hint().find("'pets'"), std::string::npos);
  options = Options();
  options.sources = {"crn"};
  EXPECT_EQ(RunOnce(options).error().code(), ErrorCode::kIngestSourceUnknown);
}

TEST_F(RunTest, TableOfAnotherShapeIsRefused) {
  WriteData("people.csv", "id,name,born,balance\n1,ana,,\n");
  RunWell();
  std::string changed = kPeople;
  changed.replace(changed.find("type: date"), 10, "type: text");
  Write("project/sources/crm.yml", changed);
  const Error error = RunBadly();
  EXPECT_EQ(error.code(), ErrorCode::kDeltaSchemaMismatch);
  EXPECT_NE(error.message().find("born"), std::string::npos);
}

TEST_F(RunTest, StopsOnRequest) {
  WriteData("people.csv", "id,name,born,balance\n1,ana,,\n");
  std::stop_source source;
  source.request_stop();
  Recorder recorder;
  const auto report = RunIngest(engine(), Options(), recorder, source.get_token());
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code(), ErrorCode::kCancelled);
  EXPECT_FALSE(*engine().FindTable("bronze", "people"));
}

/// A run that died between its two commits has left rejects and marks in quarantine.
TEST_F(RunTest, UnfinishedQuarantineIsReplaced) {
  WriteData("people.csv", "id,name,born,balance\n1,ana,,\nx,,,\ny,,,\n");
  RunWell();
  engine_.reset();
  fs::remove_all(root_ / "lake/bronze");
  const IngestReport report = RunWell();
  EXPECT_EQ(report.rows_in, 3);
  EXPECT_EQ(Query("select count(*) from bronze.people"), "1\n");
  EXPECT_EQ(Query("select count(*), count(distinct run_id) from quarantine.people"), "2|1\n");
  // The contract accepts them meanwhile: then quarantine must let them go.
  engine_.reset();
  fs::remove_all(root_ / "lake/bronze");
  std::string changed = kPeople;
  changed.replace(changed.find("id, type: integer"), 17, "id, type: text");
  Write("project/sources/crm.yml", changed);
  RunWell();
  EXPECT_EQ(Query("select count(*) from bronze.people"), "3\n");
  EXPECT_EQ(Query("select count(*) from quarantine.people"), "0\n");
}

/// Runs side by side, as from several processes, over the same and different files.
TEST_F(RunTest, ConcurrentRunsLoadEveryFileOnce) {
  for (int file = 0; file < 6; ++file) {
    std::string text = "id,name,born,balance\n";
    for (int row = 0; row < 50; ++row) text += (row % 10 == 0 ? "x" : std::to_string(file * 100 + row)) + ",,,\n";
    text += std::to_string(file) + ",,,-1\n";
    WriteData("people_" + std::to_string(file) + ".csv", text);
  }
  std::vector<std::jthread> runs;
  std::vector<Result<IngestReport>> reports(4, IngestReport{});
  for (auto& report : reports) {
    runs.emplace_back([this, &report] {
      const auto engine = OpenEngine();
      Recorder recorder;
      IngestOptions options = Options();
      options.conflict_attempts_max = 20;
      report = RunIngest(*engine, options, recorder);
    });
  }
  runs.clear();
  std::int64_t rows = 0;
  for (const auto& report : reports) {
    ASSERT_TRUE(report) << report.error().ToString();
    rows += report->rows_in;
  }
  EXPECT_EQ(rows, 6 * 51);
  EXPECT_EQ(Query("select count(*), count(distinct id) from bronze.people"), "270|270\n");
  EXPECT_EQ(Query("select count(*), count(distinct (source_file, line)) from quarantine.people"), "36|36\n");
}

/// The shipped project over files with the quirks of the public ones: every row of every file is accounted for.
TEST_F(RunTest, OlistContractTakesThePublicLayout) {
  const std::string order(32, 'a'), customer(32, 'b'), product(32, 'c'), seller(32, '0'), review(32, 'e');
  const auto quoted = [](const std::string& text) { return "\"" + text + "\""; };
  Write("olist/olist_orders_dataset.csv",
        "\"order_id\",\"customer_id\",\"order_status\",\"order_purchase_timestamp\",\"order_approved_at\","
        "\"order_delivered_carrier_date\",\"order_delivered_customer_date\",\"order_estimated_delivery_date\"\n" +
            quoted(order) + "," + customer +
            ",delivered,2017-10-02 10:56:33,2017-10-02 11:07:15,,,2017-10-18 00:00:00\n" + "short,row\n");
  Write("olist/olist_order_items_dataset.csv",
        "order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value\n" + order + ",1," +
            product + "," + seller + ",2017-10-06 11:07:15,29.99,8.72\n");
  Write("olist/olist_customers_dataset.csv",
        "customer_id,customer_unique_id,customer_zip_code_prefix,customer_city,customer_state\n" + customer + "," +
            customer + ",\"01046\",sao paulo,SP\n");
  Write("olist/olist_products_dataset.csv",
        "product_id,product_category_name,product_name_lenght,product_description_lenght,product_photos_qty,"
        "product_weight_g,product_length_cm,product_height_cm,product_width_cm\n" +
            product + ",,,,,,,,\n");
  Write("olist/olist_sellers_dataset.csv", "seller_id,seller_zip_code_prefix,seller_city,seller_state\n" + seller +
                                               ",4195,\"novo hamburgo, rs, brasil\",RS\n");
  Write("olist/olist_order_reviews_dataset.csv",
        "review_id,order_id,review_score,review_comment_title,review_comment_message,review_creation_date,"
        "review_answer_timestamp\n" +
            review + "," + order + ",4,,\"bom, \"\"ok\"\"\r\nrápido\",2018-01-18 00:00:00,2018-01-18 21:46:59\n" +
            review + "," + order + ",4,,,2018-01-18 00:00:00,2018-01-18 21:46:59\n");
  Write("olist/olist_order_payments_dataset.csv",
        "order_id,payment_sequential,payment_type,payment_installments,payment_value\n" + order +
            ",1,not_defined,1,0.00\n");
  Write("olist/olist_geolocation_dataset.csv",
        "geolocation_zip_code_prefix,geolocation_lat,geolocation_lng,geolocation_city,geolocation_state\n"
        "\"01037\",-23.54562128115268,-46.63929204800168,são "
        "paulo,SP\n\"01037\",-23.54562128115268,-46.63929204800168,são paulo,SP\n");
  Write("olist/product_category_name_translation.csv",
        "\xEF\xBB\xBFproduct_category_name,product_category_name_english\r\nbebes,baby\r\nartes,art");
  IngestOptions options;
  options.project_dir = std::string(SMELT_SOURCE_DIR) + "/projects/olist";
  options.data_dir = (root_ / "olist").string();
  const auto report = RunOnce(options);
  ASSERT_TRUE(report) << report.error().ToString();
  EXPECT_EQ(report->rows_in, 13);
  EXPECT_EQ(report->rows_out, 12);
  EXPECT_EQ(report->rows_quarantined, 1);
  EXPECT_EQ(Query("select line, rule from quarantine.orders"), "3|ragged\n");
  EXPECT_EQ(Query("select price, freight_value from bronze.order_items"), "29.99|8.72\n");
  EXPECT_EQ(Query("select customer_zip_code_prefix from bronze.customers"), "01046\n");
  EXPECT_EQ(Query("select data_quality_flag from bronze.sellers"), "seller_zip_code_prefix:pattern\n");
  EXPECT_EQ(Query("select data_quality_flag from bronze.order_reviews order by review_comment_message nulls last"),
            "ok\nduplicate_key\n");
  EXPECT_EQ(Query("select geolocation_lat, count(*) from bronze.geolocation group by all"), "-23.54562128115268|2\n");
  EXPECT_EQ(
      Query("select * exclude (ingestion_timestamp, ingest_date) from bronze.product_category order by 1"),
      "artes|art|product_category_name_translation.csv|ok\nbebes|baby|product_category_name_translation.csv|ok\n");
}

}  // namespace
}  // namespace smelt::ingest
