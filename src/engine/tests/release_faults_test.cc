#include <gtest/gtest.h>

#include <filesystem>
#include <mutex>
#include <string>

#include "base/id.h"
#include "engine/release.h"
#include "engine/tests/number_from.h"
#include "storage/object_store.h"

namespace smelt::engine {
namespace {

namespace fs = std::filesystem;
using storage::Fault;
using storage::FaultPoint;

/// How the call fails that a round picks.
enum class ReleaseFault {
  kBefore,       ///< before it takes effect
  kFromThenOn,   ///< and so do all later ones
  kLostRequest,  ///< a write does not arrive, and nobody knows
  kLostAnswer,   ///< it takes effect, and nobody knows
};

/// Fails one call to a store, counted from where it was armed. Thread-safe.
class ReleaseTrouble {
 public:
  void Arm(ReleaseFault kind, int call) {
    const std::lock_guard guard(lock_);
    kind_ = kind;
    fails_at_ = call;
    calls_ = 0;
  }
  /// Ends it; answers whether a call failed.
  bool Disarm() {
    const std::lock_guard guard(lock_);
    const bool has_failed = fails_at_ >= 0 && calls_ > fails_at_;
    fails_at_ = -1;
    return has_failed;
  }
  std::optional<Fault> Next(const FaultPoint& point) {
    const std::lock_guard guard(lock_);
    if (fails_at_ < 0) return std::nullopt;
    const int call = calls_++;
    if (call != fails_at_ && !(kind_ == ReleaseFault::kFromThenOn && call > fails_at_)) return std::nullopt;
    const bool is_write = point.operation == "put_if_absent";
    const bool is_unknown = is_write && (kind_ == ReleaseFault::kLostRequest || kind_ == ReleaseFault::kLostAnswer);
    return Fault{Error(is_unknown ? ErrorCode::kStoreUnknown : ErrorCode::kStoreIo, "trouble"),
                 is_write && kind_ == ReleaseFault::kLostAnswer};
  }

 private:
  std::mutex lock_;
  ReleaseFault kind_ = ReleaseFault::kBefore;
  int fails_at_ = -1;
  int calls_ = 0;
};

class ReleaseFaultsTest : public testing::TestWithParam<ReleaseFault> {
 protected:
  void SetUp() override {
    folder_ = (fs::temp_directory_path() / ("smelt-release-faults-" + NewUuid())).string();
    staging_ = OpenAt("staging");
    ASSERT_TRUE(staging_);
    writer_ = std::move(*staging_->Connect());
    Write("create table gold.orders as select 0 as batch");
    Write("create table gold.payments as select 0 as batch");
  }
  void TearDown() override {
    writer_.reset();
    staging_.reset();
    fs::remove_all(folder_);
  }

  LakeOptions OptionsOf(const std::string& name) const {
    LakeOptions options;
    options.lake = folder_ + "/" + name;
    options.threads = 1;
    return options;
  }
  std::unique_ptr<Engine> OpenAt(const std::string& name) {
    auto engine = Engine::Open(OptionsOf(name));
    EXPECT_TRUE(engine) << engine.error().ToString();
    return engine ? std::move(*engine) : nullptr;
  }
  /// The lake that is promoted into, with trouble before its store.
  std::unique_ptr<Engine> OpenTroubled() {
    auto store = storage::OpenFaultyStore(storage::OpenLocalStore(OptionsOf("prod").lake),
                                          [this](const FaultPoint& point) { return trouble_.Next(point); });
    auto engine = Engine::OpenOn(OptionsOf("prod"), std::move(store));
    EXPECT_TRUE(engine) << engine.error().ToString();
    return engine ? std::move(*engine) : nullptr;
  }
  void Write(const std::string& sql) {
    const Status status = writer_->Execute(sql);
    ASSERT_TRUE(status) << sql << ": " << status.error().ToString();
  }
  void NextBatch(int batch) {
    Write("update gold.orders set batch = " + std::to_string(batch));
    Write("update gold.payments set batch = " + std::to_string(batch));
  }
  /// What a reader sees who knows nothing of what happened: the batch of both tables, or what they say instead.
  std::string Seen() {
    const auto engine = OpenAt("prod");
    auto session = std::move(*engine->Connect());
    const auto row = session->Query("select concat(o.batch, ' ', p.batch) from gold.orders o, gold.payments p");
    return row ? row->Text().value_or("NULL") : row.error().ToString();
  }
  static std::string Both(int batch) { return std::to_string(batch) + " " + std::to_string(batch); }

  std::string folder_;
  ReleaseTrouble trouble_;
  std::unique_ptr<Engine> staging_;
  std::unique_ptr<Session> writer_;
};

/// How far the calls lie apart that fail: each, or where all would take too long each so many-th.
int ReleaseCallsApart() {
  return static_cast<int>(NumberFrom("SMELT_FAULTS_EVERY", 1));
}

TEST_P(ReleaseFaultsTest, WhateverCallFailsReadersHaveOneRelease) {
  {
    const auto prod = OpenAt("prod");
    ASSERT_TRUE(Releases(*prod).Promote(*staging_, {}));
  }
  int current = 0;
  int failed = 0;
  for (int call = 0; call < 400; call += ReleaseCallsApart()) {
    const int next = call + 1;
    NextBatch(next);
    const auto prod = OpenTroubled();
    trouble_.Arm(GetParam(), call);
    const auto report = Releases(*prod).Promote(*staging_, {});
    const bool has_failed = trouble_.Disarm();
    const std::string seen = Seen();
    if (report) {
      EXPECT_EQ(seen, Both(next)) << "call " << call;
    } else {
      EXPECT_TRUE(seen == Both(current) || seen == Both(next)) << "call " << call << ": " << seen;
      ++failed;
    }
    current = seen == Both(next) ? next : current;
    if (!has_failed) {
      EXPECT_GT(failed * ReleaseCallsApart(), 3);
      return;
    }
  }
  FAIL() << "promotions take more calls than were tried";
}

TEST_P(ReleaseFaultsTest, ARollbackThatFailsChangesNothingOrAll) {
  const auto prod = OpenAt("prod");
  ASSERT_TRUE(Releases(*prod).Promote(*staging_, {}));
  NextBatch(1);
  ASSERT_TRUE(Releases(*prod).Promote(*staging_, {}));
  const std::int64_t first = 2, second = 3;  // after the one that held what was there
  for (int call = 0; call < 400; call += ReleaseCallsApart()) {
    const auto troubled = OpenTroubled();
    const std::string before = Seen();
    const int batch = before == Both(1) ? 0 : 1;
    trouble_.Arm(GetParam(), call);
    const auto report = Releases(*troubled).RollBack(batch == 0 ? first : second, Json::object());
    const bool has_failed = trouble_.Disarm();
    const std::string seen = Seen();
    if (report) {
      EXPECT_EQ(seen, Both(batch)) << "call " << call;
    } else {
      EXPECT_TRUE(seen == before || seen == Both(batch)) << "call " << call << ": " << seen;
    }
    if (!has_failed) return;
  }
  FAIL() << "rollbacks take more calls than were tried";
}

INSTANTIATE_TEST_SUITE_P(Kinds, ReleaseFaultsTest,
                         testing::Values(ReleaseFault::kBefore, ReleaseFault::kFromThenOn, ReleaseFault::kLostRequest,
                                         ReleaseFault::kLostAnswer));

}  // namespace
}  // namespace smelt::engine
