// Reads tables whose logs are put together here, feature by feature, with data files that the engine writes.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/id.h"
#include "delta/deletion_vector.h"
#include "engine/session.h"

namespace smelt::engine {
namespace {

namespace fs = std::filesystem;
using Rows = std::vector<std::string>;

constexpr const char* kLong = R"("type":"long","nullable":true,"metadata":{})";

/// A column of a schema string: its name and the rest of its JSON.
std::string Column(const std::string& name, const std::string& rest) {
  return R"({"name":")" + name + "\"," + rest + "}";
}

/// The rest of a column that is mapped.
std::string Mapped(const std::string& type, int id, const std::string& physical) {
  return R"("type":)" + type + R"(,"nullable":true,"metadata":{"delta.columnMapping.id":)" + std::to_string(id) +
         R"(,"delta.columnMapping.physicalName":")" + physical + "\"}";
}

std::string Struct(std::initializer_list<std::string> columns) {
  std::string text = R"({"type":"struct","fields":[)";
  for (const std::string& column : columns) text += (text.ends_with('[') ? "" : ",") + column;
  return text + "]}";
}

delta::RowSet RowsOf(std::initializer_list<std::uint64_t> rows) {
  delta::RowSet set;
  for (const std::uint64_t row : rows) set.Set(row);
  return set;
}

/// A vector of few rows, which stands in the log.
delta::DeletionVector Vector(const delta::RowSet& rows) {
  return delta::DeletionVectorFile().Add(rows);
}

class DeltaReadingTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("smelt-reading-" + NewUuid());
    LakeOptions options;
    options.lake = (folder_ / "lake").string();
    options.threads = 2;
    engine_ = std::move(Engine::Open(options).value());
    session_ = std::move(engine_->Connect().value());
    fs::create_directories(Table() / "_delta_log");
  }
  void TearDown() override {
    session_.reset();
    engine_.reset();
    fs::remove_all(folder_);
  }

  fs::path Table() const { return folder_ / "table"; }
  std::string Scan() const { return "delta_scan('" + Table().string() + "')"; }

  static delta::Metadata MetadataOf(const std::string& schema, std::map<std::string, std::string> configuration = {},
                                    std::vector<std::string> partition_columns = {}) {
    delta::Metadata metadata;
    metadata.id = "t";
    metadata.schema_string = schema;
    metadata.configuration = std::move(configuration);
    metadata.partition_columns = std::move(partition_columns);
    return metadata;
  }
  static delta::Protocol ProtocolOf(std::vector<std::string> features) { return {3, 7, features, features}; }

  /// Writes a data file with the rows of a query and returns the action for it.
  delta::Add WriteFile(const std::string& name, const std::string& query, const std::string& options = "",
                       const std::string& stats = "") {
    const auto written = session_->Execute("copy (" + query + ") to '" + (Table() / name).string() +
                                           "' (format parquet" + options + ")");
    EXPECT_TRUE(written) << written.error().ToString();
    delta::Add add;
    add.path = delta::EncodePath(name);
    add.size_bytes = static_cast<std::int64_t>(fs::file_size(Table() / name));
    add.modification_time_ms = 1;
    add.stats = stats;
    return add;
  }

  /// Writes the next commit.
  void Commit(const std::vector<delta::Action>& actions) {
    std::string text;
    for (const delta::Action& action : actions) delta::AppendAction(action, text);
    std::string digits = std::to_string(next_version_++);
    digits.insert(0, 20 - digits.size(), '0');
    std::ofstream(Table() / "_delta_log" / (digits + ".json")) << text;
  }
  static delta::Remove RemoveOf(const delta::Add& add) {
    delta::Remove remove;
    remove.path = add.path;
    remove.partition_values = add.partition_values;
    remove.deletion_vector = add.deletion_vector;
    return remove;
  }

  Rows Query(const std::string& sql) {
    const auto result = session_->Query(sql);
    EXPECT_TRUE(result) << sql << "\n" << result.error().ToString();
    Rows rows;
    for (const auto& row : result ? result->rows : std::vector<std::vector<Cell>>()) {
      std::string text;
      for (const Cell& cell : row) text += (text.empty() ? "" : "|") + cell.value_or("NULL");
      rows.push_back(std::move(text));
    }
    return rows;
  }
  std::string Failure(const std::string& sql) {
    const auto result = session_->Query(sql);
    return result ? "no error" : result.error().ToString();
  }
  void ExpectFailure(const std::string& sql, const std::string& code, const std::string& part) {
    const std::string error = Failure(sql);
    EXPECT_NE(error.find(code), std::string::npos) << error;
    EXPECT_NE(error.find(part), std::string::npos) << error;
  }

  fs::path folder_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
  int next_version_ = 0;
};

class DeletionVectorReadingTest : public DeltaReadingTest {
 protected:
  /// A file of 10,000 rows i = 0 … 9999, with statistics as a writer leaves them when it masks rows.
  delta::Add MaskedFile(const std::string& name, delta::DeletionVector vector) {
    delta::Add add = WriteFile(name, "select i from range(10000) t(i)", ", row_group_size 2048",
                               R"({"numRecords":10000,"tightBounds":false,"minValues":{"i":0},"maxValues":{"i":9999},)"
                               R"("nullCount":{"i":0}})");
    add.deletion_vector = std::move(vector);
    return add;
  }
  void CommitTable(std::vector<delta::Action> adds) {
    std::vector<delta::Action> actions{ProtocolOf({"deletionVectors"}), MetadataOf(Struct({Column("i", kLong)}))};
    actions.insert(actions.end(), adds.begin(), adds.end());
    Commit(actions);
  }
  void ExpectRowsLeft(std::int64_t files, const Rows& sum) {
    const std::string left = std::to_string(files * 9'997);
    EXPECT_EQ(Query("select count(*) from " + Scan()), Rows{left}) << "from the log";
    EXPECT_EQ(Query("select count(i) from " + Scan()), Rows{left}) << "from the files";
    EXPECT_EQ(Query("select sum(i) from " + Scan()), sum);
    EXPECT_EQ(Query("select i from " + Scan() + " where i in (0, 2047, 3000)"), Rows{});
    EXPECT_EQ(Query("select count(*) from " + Scan() + " where i between 2000 and 3001"),
              Rows{std::to_string(files * 1'000)});
  }
};

TEST_F(DeletionVectorReadingTest, RowsOfInlineVectorsAreGone) {
  CommitTable({MaskedFile("a.parquet", Vector(RowsOf({0, 2'047, 3'000})))});
  ExpectRowsLeft(1, Rows{std::to_string(49'995'000 - 5'047)});
}

TEST_F(DeletionVectorReadingTest, AFileIsItsPathAndItsVector) {
  const delta::Add whole = WriteFile("a.parquet", "select i from range(10) t(i)", "", R"({"numRecords":10})");
  delta::Add masked = whole;
  masked.deletion_vector = Vector(RowsOf({1, 2}));
  CommitTable({whole});
  Commit({masked, RemoveOf(whole)});
  EXPECT_EQ(Query("select count(*), sum(i) from " + Scan()), Rows{"8|42"});
  EXPECT_EQ(Query("select count(*) from delta_scan('" + Table().string() + "', version => 0)"), Rows{"10"});
}

TEST_F(DeletionVectorReadingTest, MoreDeletedRowsThanRowsAreNotBelievedWhenCounting) {
  delta::DeletionVector vector = Vector(RowsOf({1}));
  vector.cardinality = 1'000'000'000'000;
  CommitTable({MaskedFile("a.parquet", vector)});
  ExpectFailure("select count(*) from " + Scan(), "SMELT-DELTA-0002", "deletes 1 rows, the log says 1000000000000");
}

TEST_F(DeltaReadingTest, PathsOutOfTheTableAreRefused) {
  delta::Add add = WriteFile("a.parquet", "select 1 as i");
  add.path = "../table/a.parquet";
  Commit({delta::Protocol(), MetadataOf(Struct({Column("i", kLong)})), add});
  ExpectFailure("from " + Scan(), "SMELT-DELTA-0002", "leads out of the table's folder");
}

class ColumnMappingReadingTest : public DeltaReadingTest {
 protected:
  /// A table with the columns `n`, `s` (a struct), `l` (a list of structs) and `m` (a map to structs); `a` was dropped
  /// and added again, so that the file's `a` is another one.
  void CommitTable(const std::string& mode, const delta::Add& add) {
    const std::string inner =
        Struct({Column("x", Mapped("\"long\"", 3, "p-x")), Column("y", Mapped("\"long\"", 4, "p-y"))});
    const std::string list = R"({"type":"array","containsNull":true,"elementType":)" +
                             Struct({Column("x", Mapped("\"long\"", 6, "p-lx"))}) + "}";
    const std::string map = R"({"type":"map","keyType":"string","valueContainsNull":true,"valueType":)" +
                            Struct({Column("x", Mapped("\"long\"", 8, "p-mx"))}) + "}";
    Commit({delta::Protocol{2, 5, {}, {}},
            MetadataOf(Struct({Column("n", Mapped("\"long\"", 1, "p-n")), Column("s", Mapped(inner, 2, "p-s")),
                               Column("l", Mapped(list, 5, "p-l")), Column("m", Mapped(map, 7, "p-m")),
                               Column("a", Mapped("\"long\"", 9, "p-a2"))}),
                       {{"delta.columnMapping.mode", mode}}),
            add});
  }
  void ExpectTheRows() {
    EXPECT_EQ(Query("select n, s, l, m, a from " + Scan() + " order by n"),
              (Rows{R"(1|{"x":2,"y":null}|[{"x":4},{"x":5}]|{"k":{"x":6}}|NULL)", "2|NULL|NULL|NULL|NULL"}));
    EXPECT_EQ(Query("select n from " + Scan() + " where s.x = 2"), Rows{"1"});
    EXPECT_EQ(Query("select s.y, l[2].x, m['k'].x from " + Scan() + " where n = 1"), Rows{"NULL|5|6"});
    EXPECT_EQ(Query("select count(*) from " + Scan() + " where a is null"), Rows{"2"});
    EXPECT_EQ(Query("select n from " + Scan() + " where n > 5"), Rows{}) << "pruned by physical name";
  }
  static constexpr const char* kStats = R"({"numRecords":2,"minValues":{"p-n":1},"maxValues":{"p-n":2}})";
};

TEST_F(ColumnMappingReadingTest, ByPhysicalName) {
  CommitTable("name", WriteFile("a.parquet",
                                R"(select 99 as a, 1 as "p-n", {'gone': 7, 'p-x': 2} as "p-s",
                                   [{'p-lx': 4}, {'p-lx': 5}] as "p-l", map {'k': {'p-mx': 6}} as "p-m"
                                   union all select 98, 2, null, null, null)",
                                "", kStats));
  ExpectTheRows();
}

TEST_F(ColumnMappingReadingTest, ById) {
  CommitTable("id", WriteFile("a.parquet",
                              R"(select 99 as a, 1 as q, {'gone': 7, 'q': 2} as r, [{'q': 4}, {'q': 5}] as t,
                           map {'k': {'q': 6}} as u union all select 98, 2, null, null, null)",
                              ", field_ids {a: 100, q: 1, r: {__duckdb_field_id: 2, gone: 101, q: 3}, "
                              "t: {__duckdb_field_id: 5, element: {__duckdb_field_id: 102, q: 6}}, "
                              "u: {__duckdb_field_id: 7, key: 103, value: {__duckdb_field_id: 104, q: 8}}}",
                              kStats));
  ExpectTheRows();
}

TEST_F(ColumnMappingReadingTest, PartitionValuesGoByPhysicalName) {
  delta::Add add = WriteFile("a.parquet", R"(select 1 as "p-n")");
  add.partition_values = {{"p-p", "7"}};
  Commit({delta::Protocol{2, 5, {}, {}},
          MetadataOf(Struct({Column("n", Mapped("\"long\"", 1, "p-n")), Column("p", Mapped("\"long\"", 2, "p-p"))}),
                     {{"delta.columnMapping.mode", "name"}}, {"p"}),
          add});
  EXPECT_EQ(Query("from " + Scan()), Rows{"1|7"});
  EXPECT_EQ(Query("select n from " + Scan() + " where p = 8"), Rows{});
}

TEST_F(ColumnMappingReadingTest, ModesAndColumnsThatGoByNothingAreRefused) {
  const delta::Add add = WriteFile("a.parquet", "select 1 as n");
  Commit({delta::Protocol{2, 5, {}, {}},
          MetadataOf(Struct({Column("n", kLong)}), {{"delta.columnMapping.mode", "magic"}}), add});
  ExpectFailure("from " + Scan(), "SMELT-DELTA-0003", "unknown mode 'magic'");
  Commit({MetadataOf(Struct({Column("n", kLong)}), {{"delta.columnMapping.mode", "name"}})});
  ExpectFailure("from " + Scan(), "SMELT-DELTA-0002", "the column 'n' has no physical name");
}

TEST_F(DeltaReadingTest, NarrowerTypesAreWidened) {
  const auto typed = [](const std::string& type) { return R"("type":)" + type + R"(,"nullable":true,"metadata":{})"; };
  const std::string inner = Struct({Column("x", typed("\"long\"")), Column("z", typed("\"string\""))});
  const delta::Add add = WriteFile(
      "a.parquet",
      "select 1::tinyint as l, 0.7::float as d, 1.5::decimal(5,2) as c, date '2020-01-02' as t, {'x': 2::integer} as "
      "s, "
      "[3::integer] as a, map {4::smallint: 5::integer} as m",
      "", R"({"numRecords":1,"minValues":{"d":0.7,"t":"2020-01-02"},"maxValues":{"d":0.7,"t":"2020-01-02"}})");
  Commit({ProtocolOf({"typeWidening", "timestampNtz"}),
          MetadataOf(Struct({Column("l", typed("\"long\"")),
                             Column("d", R"("type":"double","nullable":true,"metadata":{"delta.typeChanges":[]})"),
                             Column("c", typed("\"decimal(12,4)\"")), Column("t", typed("\"timestamp_ntz\"")),
                             Column("s", typed(inner)),
                             Column("a", typed(R"({"type":"array","elementType":"long","containsNull":true})")),
                             Column("m", typed(R"({"type":"map","keyType":"long","valueType":"long",)"
                                               R"("valueContainsNull":true})"))})),
          add});
  EXPECT_EQ(Query("select l, c, t, s, a, m from " + Scan()),
            Rows{R"(1|1.5000|2020-01-02 00:00:00|{"x":2,"z":null}|[3]|{"4":5})"});
  EXPECT_EQ(Query("select typeof(l), typeof(s), typeof(a), typeof(m) from " + Scan()),
            Rows{"BIGINT|STRUCT(x BIGINT, z VARCHAR)|BIGINT[]|MAP(BIGINT, BIGINT)"});
  EXPECT_EQ(Query("select l from " + Scan() + " where d < 0.69999999"), Rows{"1"}) << "0.7 as a float is less";
  EXPECT_EQ(Query("select l from " + Scan() + " where t = timestamp '2020-01-02 00:00:00' and l = 1 and s.x = 2"),
            Rows{"1"});
  EXPECT_EQ(Query("select l from " + Scan() + " where s.z is null"), Rows{"1"});
  EXPECT_EQ(Query("select l from " + Scan() + " where s.z = 'x'"), Rows{});
}

TEST_F(DeltaReadingTest, FiltersSeeWidenedValuesWhateverAFileHolds) {
  const auto widened = [](const std::string& type) {
    return "\"type\":\"" + type + R"(","nullable":true,"metadata":{"delta.typeChanges":[]})";
  };
  const std::string schema = Struct({Column("d", widened("decimal(12,4)")), Column("t", widened("timestamp_ntz"))});
  Commit({ProtocolOf({"typeWidening", "timestampNtz"}), MetadataOf(schema),
          WriteFile("a.parquet", "select 1.4::decimal(12,4) as d, timestamp '2020-02-01' as t from range(100000)", "",
                    R"({"numRecords":100000,"minValues":{"d":1.4},"maxValues":{"d":1.4}})"),
          WriteFile("b.parquet", "select 1::integer as d, date '2020-01-02' as t", "",
                    R"({"numRecords":1,"minValues":{"d":1},"maxValues":{"d":1}})")});
  // A constant that is rounded to the file's type would be 1, or midnight.
  EXPECT_EQ(Query("select count(*) from " + Scan() + " where d > 0.6 and d < 1.3"), Rows{"1"});
  EXPECT_EQ(Query("select count(*) from " + Scan() + " where d = 1.4"), Rows{"100000"});
  EXPECT_EQ(Query("select count(*) from " + Scan() + " where t < timestamp '2020-01-02 12:00:00'"), Rows{"1"});
  ASSERT_TRUE(session_->Execute("set threads = 1"));
  EXPECT_EQ(Query("select d from " + Scan() + " order by d limit 1"), Rows{"1.0000"});
  EXPECT_EQ(Query("select count(*) from " + Scan() +
                  " s join (select 1.4::decimal(12,4) as d union all select 1) "
                  "using (d)"),
            Rows{"100001"});
}

TEST_F(DeltaReadingTest, TimestampsDoNotDependOnTheSessionsZone) {
  const auto typed = [](const char* type) {
    return R"("type":")" + std::string(type) + R"(","nullable":true,"metadata":{})";
  };
  delta::Add add = WriteFile("a.parquet",
                             "select timestamp '2020-01-01 12:00:00' as z, {'z': timestamp '2020-01-01 12:00:00'} "
                             "as s, timestamptz '2020-01-01 12:00:00+00' as n");
  add.partition_values = {{"p", "2020-01-01 12:00:00"}, {"q", "2020-01-01T12:00:00.000000Z"}};
  Commit({ProtocolOf({"timestampNtz"}),
          MetadataOf(Struct({Column("z", typed("timestamp")),
                             Column("s", R"("type":)" + Struct({Column("z", typed("timestamp"))}) +
                                             R"(,"nullable":true,"metadata":{})"),
                             Column("n", typed("timestamp_ntz")), Column("p", typed("timestamp")),
                             Column("q", typed("timestamp"))}),
                     {}, {"p", "q"}),
          add});
  for (const char* zone : {"UTC", "America/New_York"}) {
    ASSERT_TRUE(session_->Execute(std::string("set timezone = '") + zone + "'"));
    EXPECT_EQ(Query("select epoch(z), epoch(s.z), epoch(n), epoch(p), epoch(q) from " + Scan()),
              Rows{"1577880000.0|1577880000.0|1577880000.0|1577880000.0|1577880000.0"})
        << zone;
    EXPECT_EQ(Query("select count(*) from " + Scan() + " where z = timestamptz '2020-01-01 12:00:00+00'"), Rows{"1"});
  }
}

TEST_F(DeltaReadingTest, VariantsAreReadWhole) {
  // By the encoding of Parquet's variants: the number 42, the text "hi", {"k": 1}; no names, or the name "k".
  const delta::Add add = WriteFile(
      "a.parquet",
      R"(select i, {'value': v::blob, 'metadata': m::blob} as v from (values (1, '\x0C\x2A', '\x01\x00\x00'),)"
      R"( (2, '\x09hi', '\x01\x00\x00'), (3, '\x02\x01\x00\x00\x02\x0C\x01', '\x01\x01\x00\x01k')) t(i, v, m))");
  Commit({ProtocolOf({"variantType"}),
          MetadataOf(Struct({Column("i", R"("type":"integer","nullable":true,"metadata":{})"),
                             Column("v", R"("type":"variant","nullable":true,"metadata":{})")})),
          add});
  EXPECT_EQ(Query("select v from " + Scan() + " order by i"), (Rows{"42", "hi", "{'k': 1}"}));
  EXPECT_EQ(Query("select v.k, variant_typeof(v) from " + Scan() + " where i = 3"), Rows{"1|OBJECT(k)"});
}

TEST_F(DeltaReadingTest, PartitionValuesAreReadByType) {
  const auto typed = [](const char* type) {
    return R"("type":")" + std::string(type) + R"(","nullable":true,"metadata":{})";
  };
  delta::Add add = WriteFile("p q%=é.parquet", "select 1 as i");
  add.partition_values = {{"s", "a/b=c%20 é'"}, {"b", "\xF0\x9F\x98\x88\\x41"}, {"e", ""}, {"d", "-1.50"}};
  const auto metadata =
      MetadataOf(Struct({Column("i", kLong), Column("s", typed("string")), Column("b", typed("binary")),
                         Column("e", typed("string")), Column("d", typed("decimal(5,2)"))}),
                 {}, {"s", "b", "e", "d"});
  Commit({delta::Protocol(), metadata, add});
  EXPECT_EQ(Query("select i, s, octet_length(b), e, d from " + Scan()), Rows{"1|a/b=c%20 é'|8|NULL|-1.50"});
  EXPECT_EQ(Query("select i from " + Scan() + " where s = 'a/b=c%20 é'''"), Rows{"1"});
  add.partition_values["d"] = "much";
  Commit({add});
  ExpectFailure("from " + Scan(), "SMELT-DELTA-0002", "the partition value 'much' of 'd' is no DECIMAL(5,2)");
}

class ChangeFeedTest : public DeltaReadingTest {
 protected:
  void CommitTable(std::vector<delta::Action> actions, const char* enabled = "true") {
    actions.insert(actions.begin(),
                   {ProtocolOf({"deletionVectors"}), MetadataOf(Struct({Column("i", kLong), Column("p", kLong)}),
                                                                {{"delta.enableChangeDataFeed", enabled}}, {"p"})});
    Commit(actions);
  }
  delta::Add FileOf(const std::string& name, const std::string& query) {
    delta::Add add = WriteFile(name, query, "", R"({"numRecords":4})");
    add.partition_values = {{"p", "7"}};
    return add;
  }
  std::string Changes(const std::string& range) const {
    return "table_changes('" + Table().string() + "', " + range + ")";
  }
};

TEST_F(ChangeFeedTest, FollowsFromFilesAndVectorsAndIsReadWhereItWasRecorded) {
  const delta::Add first = FileOf("a.parquet", "select i from range(4) t(i)");
  delta::Add masked = first;
  masked.deletion_vector = Vector(RowsOf({1, 2}));
  delta::Add remasked = first;
  remasked.deletion_vector = Vector(RowsOf({2, 3}));
  CommitTable({first});
  Commit({masked, RemoveOf(first)});
  Commit({RemoveOf(masked), remasked});
  const delta::Add recorded = FileOf("c.parquet",
                                     "select 3 as i, 'update_preimage' as _change_type union all select 30, "
                                     "'update_postimage'");
  Commit({delta::Cdc{recorded.path, recorded.partition_values, recorded.size_bytes, {}},
          FileOf("b.parquet", "select 30 as i"), RemoveOf(remasked)});
  delta::Add moved = FileOf("m.parquet", "select 30 as i");
  moved.data_change = false;
  Commit({moved});

  EXPECT_EQ(Query("select _commit_version, _change_type, i, p from " + Changes("0, 4") + " order by all"),
            (Rows{"0|insert|0|7", "0|insert|1|7", "0|insert|2|7", "0|insert|3|7", "1|delete|1|7", "1|delete|2|7",
                  "2|delete|3|7", "2|insert|1|7", "3|update_postimage|30|7", "3|update_preimage|3|7"}));
  EXPECT_EQ(Query("select count(*) from " + Changes("0, 2")), Rows{"8"});
  EXPECT_EQ(Query("select count(*) from " + Changes("4")), Rows{"0"});
  EXPECT_EQ(Query("select i from " + Changes("0") + " where _change_type = 'update_preimage' and _commit_version = 3"),
            Rows{"3"});
  EXPECT_EQ(Query("select count(*) from " + Changes("0") + " where _commit_timestamp > now() - interval 1 hour"),
            Rows{"10"});
}

TEST_F(ChangeFeedTest, ARemovedFileGivesItsRowsBack) {
  delta::Add file = FileOf("a.parquet", "select i from range(4) t(i)");
  file.deletion_vector = Vector(RowsOf({0}));
  CommitTable({file});
  Commit({RemoveOf(file)});
  EXPECT_EQ(Query("select _change_type, count(*), sum(i) from " + Changes("0") + " group by all order by all"),
            (Rows{"delete|3|6", "insert|3|6"}));
}

TEST_F(ChangeFeedTest, MappedColumnsAreFoundInRecordedChanges) {
  const delta::Add file = WriteFile("c.parquet", "select 3 as q, 'delete' as _change_type", ", field_ids {q: 1}");
  Commit({delta::Protocol{2, 5, {}, {}},
          MetadataOf(Struct({Column("i", Mapped("\"long\"", 1, "p-i"))}),
                     {{"delta.columnMapping.mode", "id"}, {"delta.enableChangeDataFeed", "true"}}),
          delta::Cdc{file.path, {}, file.size_bytes, {}}});
  EXPECT_EQ(Query("select i, _change_type, _commit_version from " + Changes("0")), Rows{"3|delete|0"});
}

TEST_F(ChangeFeedTest, WhatWasNotRecordedIsRefused) {
  const delta::Add file = FileOf("a.parquet", "select 1 as i");
  CommitTable({file}, "false");
  ExpectFailure("from " + Changes("0"), "SMELT-DELTA-0005", "did not record its changes in version 0");
  CommitTable({});
  EXPECT_EQ(Query("select count(*) from " + Changes("1")), Rows{"0"});
  CommitTable({}, "false");
  ExpectFailure("from " + Changes("1, 2"), "SMELT-DELTA-0005", "did not record its changes in version 2");
}

TEST_F(DeltaReadingTest, BoundsInTypedColumnsPruneAndStayAsTheProtocolHasThem) {
  Commit({delta::Protocol(), MetadataOf(Struct({Column("d", R"("type":"double","nullable":true,"metadata":{})"),
                                                Column("z", R"("type":"timestamp","nullable":true,"metadata":{})")}))});
  delta::Add add = WriteFile("a.parquet", "select 1.5::double as d, timestamptz '2020-01-01 12:00:00+00' as z");
  const std::string log = (Table() / "_delta_log").string();
  const std::string checkpoint =
      R"(copy (select {'minReaderVersion': 1, 'minWriterVersion': 2} as protocol, null as "metaData", null as add
      union all select null, {'id': 't', 'schemaString': ')" +
      Struct({Column("d", R"("type":"double","nullable":true,"metadata":{})"),
              Column("z", R"("type":"timestamp","nullable":true,"metadata":{})")}) +
      R"(', 'partitionColumns': []::varchar[], 'configuration': map {}::map(varchar, varchar)}, null
      union all select null, null, {'path': 'a.parquet', 'partitionValues': map {}::map(varchar, varchar), 'size': )" +
      std::to_string(add.size_bytes) + R"(, 'modificationTime': 1, 'dataChange': false, 'stats': null::varchar,
        'partitionValues_parsed': {'x': 'nan'::double},
        'stats_parsed': {'numRecords': 1, 'minValues': {'d': 'nan'::double, 'z': timestamptz '2020-01-01 12:00:00.1234+00'},
          'maxValues': {'d': 'inf'::double, 'z': timestamptz '2020-01-01 12:00:00.1234+00'}, 'nullCount': {'d': 0, 'z': 0}}})
      to ')" +
      log + "/00000000000000000000.checkpoint.parquet' (format parquet)";
  const auto written = session_->Execute(checkpoint);
  ASSERT_TRUE(written) << written.error().ToString();
  ASSERT_TRUE(session_->Execute("set timezone = 'America/New_York'"));
  EXPECT_EQ(Query("select count(*) from " + Scan()), Rows{"1"});
  EXPECT_EQ(Query("select count(d) from " + Scan() + " where d = 1.5"), Rows{"1"});
  const std::string plan = Query("explain analyze select d from " + Scan() + " where z > '2020-01-02'").at(0);
  EXPECT_NE(plan.find("0/1"), std::string::npos) << plan;
}

}  // namespace
}  // namespace smelt::engine
