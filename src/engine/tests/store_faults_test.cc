#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/id.h"
#include "engine/session.h"
#include "engine/tests/number_from.h"
#include "storage/object_store.h"

namespace smelt::engine {
namespace {

namespace fs = std::filesystem;
using storage::Fault;
using storage::FaultPoint;

/// How the call fails that a round picks.
enum class Kind {
  kOnce,         ///< before it takes effect
  kFromThenOn,   ///< and so do all later ones
  kLostRequest,  ///< a commit does not arrive, and nobody knows; other calls as kOnce
  kLostAnswer,   ///< it takes effect, and nobody knows
  kCompetitor,   ///< it is so slow that another writer commits meanwhile
};

/// Fails one call, counted from where it was armed. Confined: an engine with one thread.
class Trouble {
 public:
  void Arm(Kind kind, int call, std::function<void()> compete) {
    kind_ = kind;
    fails_at_ = call;
    calls_ = 0;
    has_failed_ = false;
    compete_ = std::move(compete);
  }
  void Disarm() { fails_at_ = -1; }
  bool has_failed() const { return has_failed_; }
  const std::string& place() const { return place_; }

  std::optional<Fault> Next(const FaultPoint& point) {
    if (fails_at_ < 0) return std::nullopt;
    const int call = calls_++;
    if (call != fails_at_ && !(kind_ == Kind::kFromThenOn && has_failed_)) return std::nullopt;
    if (!std::exchange(has_failed_, true)) place_ = std::string(point.operation) + " " + std::string(point.key);
    const bool is_commit = point.operation == "put_if_absent";
    switch (kind_) {
      case Kind::kCompetitor: compete_(); return std::nullopt;
      case Kind::kLostRequest:
        if (is_commit) return Fault{Error(ErrorCode::kStoreUnknown, "no answer"), false};
        break;
      case Kind::kLostAnswer:
        return Fault{Error(is_commit ? ErrorCode::kStoreUnknown : ErrorCode::kStoreIo, "lost"), true};
      default: break;
    }
    return Fault{Error(ErrorCode::kStoreIo, "broken"), false};
  }

 private:
  Kind kind_ = Kind::kOnce;
  int fails_at_ = -1;  ///< -1: not armed
  int calls_ = 0;
  bool has_failed_ = false;
  std::string place_;
  std::function<void()> compete_;
};

struct Operation {
  const char* name;
  const char* sql;
  const char* table = "t";
};

constexpr Operation kOperations[] = {
    {"insert", "insert into t values (100, 'new')"},
    {"insert with checkpoint and cleanup", "insert into u values (100, 'new')", "u"},
    {"delete", "delete from t where a % 3 = 0"},
    {"delete with vectors", "delete from v where a % 3 = 0", "v"},
    {"update", "update t set b = 'changed' where a = 5"},
    {"update with vectors", "update v set b = 'changed' where a = 5", "v"},
    {"merge",
     "merge into t using (values (1, 'merged'), (200, 'merged')) s(a, b) on t.a = s.a when matched then update set b = "
     "s.b "
     "when not matched then insert values (s.a, s.b)"},
    {"optimize", "call optimize('t')"},
    {"vacuum", "call vacuum('t', retain_hours => 0, retention_check => false)"},
    {"restore", "call restore('t', version => 1)"},
    {"clone", "call clone('t', 'other')", "other"},
    {"create", "create table other as select * from t", "other"},
    {"alter", "alter table t add column c bigint"},
};

/// Whatever call of an operation fails, in whatever way: afterwards each table is at the version before or after it,
/// all readers agree, and what was acknowledged is there.
class StoreFaults : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("smelt-store-faults-" + NewUuid());
    const auto engine = Open(root_ / "template");
    const auto session = engine->Connect().value();
    for (const char* sql :
         {"create table t (a bigint, b varchar)", "insert into t select range, 'x' from range(10)",
          "insert into t select range + 10, 'y' from range(10)", "delete from t where a = 19",
          "create table u (a bigint, b varchar) with ('delta.checkpointInterval' = '2', "
          "'delta.logRetentionDuration' = 'interval 0 seconds')",
          "insert into u values (1, 'x')", "insert into u values (2, 'x')", "insert into u values (3, 'x')",
          "create table v (a bigint, b varchar) with ('delta.enableDeletionVectors' = 'true')",
          "insert into v select range, 'x' from range(10)", "delete from v where a = 1"}) {
      const Status status = session->Execute(sql);
      ASSERT_TRUE(status) << sql << ": " << status.error().ToString();
    }
  }
  void TearDown() override { fs::remove_all(root_); }

  static LakeOptions OptionsOf(const fs::path& lake) {
    LakeOptions options;
    options.lake = lake.string();
    options.threads = 1;
    return options;
  }
  static std::unique_ptr<Engine> Open(const fs::path& lake) { return Engine::Open(OptionsOf(lake)).value(); }

  fs::path FreshLake() {
    fs::path lake = root_ / NewUuid();
    fs::copy(root_ / "template", lake, fs::copy_options::recursive);
    return lake;
  }

  /// The rows of a table as one text; why they cannot be read when that is so.
  static std::string RowsOf(Engine& engine, const std::string& table) {
    const auto session = engine.Connect().value();
    const auto rows = session->Query("select * from " + table + " order by all");
    if (!rows) return rows.error().code() == ErrorCode::kSqlCatalog ? "none" : rows.error().ToString();
    std::string text;
    for (const auto& row : rows->rows) {
      for (const Cell& cell : row) text += cell.value_or("NULL") + ",";
      text += "\n";
    }
    return text;
  }

  static void Compete(const fs::path& lake) {
    const auto engine = Open(lake);
    const auto session = engine->Connect().value();
    for (const std::string table : {"t", "u", "v"}) {
      const Status status = session->Execute("insert into " + table + " (a, b) values (1000, 'theirs')");
      EXPECT_TRUE(status) << status.error().ToString();
    }
  }

  /// The rows before and after an operation without trouble, after the competitor where there is one.
  std::pair<std::string, std::string> ExpectedOf(const Operation& operation, bool competes) {
    const fs::path lake = FreshLake();
    if (competes) Compete(lake);
    const auto engine = Open(lake);
    std::string before = RowsOf(*engine, operation.table);
    const Status status = engine->Connect().value()->Execute(operation.sql);
    EXPECT_TRUE(status) << operation.name << ": " << status.error().ToString();
    std::string after = RowsOf(*engine, operation.table);
    fs::remove_all(lake);
    return {std::move(before), std::move(after)};
  }

  /// Runs the operation with its `call`th call in trouble; returns whether there was such a call.
  bool RunRound(const Operation& operation, int call, const std::pair<std::string, std::string>& expected,
                const std::string& untouched) {
    const Kind kind = GetParam();
    const fs::path lake = FreshLake();
    Trouble trouble;
    auto store = storage::OpenFaultyStore(storage::OpenLocalStore(lake.string()),
                                          [&](const FaultPoint& point) { return trouble.Next(point); });
    Status status;
    std::string seen_by_us;
    {
      const auto engine = Engine::OpenOn(OptionsOf(lake), std::move(store)).value();
      const auto session = engine->Connect().value();
      trouble.Arm(kind, call, [&] { Compete(lake); });
      status = session->Execute(operation.sql);
      trouble.Disarm();
      seen_by_us = RowsOf(*engine, operation.table);
    }
    const bool was_hit = trouble.has_failed();
    SCOPED_TRACE(std::string(operation.name) + ", call " + std::to_string(call) + " (" + trouble.place() +
                 "): " + (status ? "done" : status.error().ToString()));
    const std::string now = RowsOf(*Open(lake), operation.table);
    EXPECT_EQ(seen_by_us, now) << "all readers agree";
    if (kind == Kind::kCompetitor && status) {
      // Without the competitor's row where the operation read the table before, or where nobody came.
      EXPECT_TRUE(now == expected.second || now == untouched) << now;
    } else if (kind == Kind::kCompetitor) {
      EXPECT_EQ(now, expected.first) << "whoever loses leaves what the competitor made";
    } else if (status) {
      EXPECT_EQ(now, expected.second) << "what was acknowledged is there";
    } else {
      EXPECT_TRUE(now == expected.first || now == expected.second) << now;
    }
    fs::remove_all(lake);
    return was_hit;
  }

  fs::path root_;
};

/// Each call fails once, or each so many-th that SMELT_FAULTS_EVERY says, where all would take too long.
TEST_P(StoreFaults, EveryTableIsAtTheOldOrTheNewVersion) {
  const int every = static_cast<int>(NumberFrom("SMELT_FAULTS_EVERY", 1));
  for (const Operation& operation : kOperations) {
    // What is there after a restore depends on whether the competitor came before or after it.
    if (GetParam() == Kind::kCompetitor && std::string_view(operation.name) == "restore") continue;
    const auto expected = ExpectedOf(operation, GetParam() == Kind::kCompetitor);
    const auto [ignored, alone] = ExpectedOf(operation, false);
    for (int call = 0; RunRound(operation, call, expected, alone); call += every) {
      if (HasFailure()) return;
    }
    if (HasFailure()) return;
  }
}

std::string NameOf(const testing::TestParamInfo<Kind>& info) {
  switch (info.param) {
    case Kind::kOnce: return "Once";
    case Kind::kFromThenOn: return "FromThenOn";
    case Kind::kLostRequest: return "LostRequest";
    case Kind::kLostAnswer: return "LostAnswer";
    case Kind::kCompetitor: return "Competitor";
  }
  return "";
}

INSTANTIATE_TEST_SUITE_P(Kinds, StoreFaults,
                         testing::Values(Kind::kOnce, Kind::kFromThenOn, Kind::kLostRequest, Kind::kLostAnswer,
                                         Kind::kCompetitor),
                         NameOf);

}  // namespace
}  // namespace smelt::engine
