#include "state/internal/coordination.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <mutex>
#include <utility>

#include "base/file.h"
#include "base/file_descriptor.h"
#include "state/internal/postgres_database.h"
#include "state/internal/postgres_keeper.h"

namespace smelt::state::internal {
namespace {

/// Touches a file: whoever watches it sees a change of it.
void Touch(const std::string& path) {
  const FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
  // A byte at the same place again and again.
  if (file.valid()) static_cast<void>(pwrite(file.get(), "\n", 1, 0));
}

/// Watches the file that is touched.
class FileSignals final : public Signals {
 public:
  static Result<std::unique_ptr<Signals>> Make(const std::string& path) {
    std::unique_ptr<FileSignals> signals(new FileSignals(path));
    signals->changes_ = FileDescriptor(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (!signals->changes_.valid()) {
      return Fail(Error(FileError(errno, "watch", path)).Hint("raise the limit on open files (ulimit -n)"));
    }
    if (!signals->Watch()) return Fail(FileError(errno, "watch", path));
    return signals;
  }

  int descriptor() const override { return changes_.get(); }
  void Take() override {
    alignas(inotify_event) std::array<char, 4'096> buffer{};
    bool any = false;
    while (read(changes_.get(), buffer.data(), buffer.size()) > 0) any = true;
    // It may have been deleted and made anew; watching the same file twice is watching it once.
    if (any) Watch();
  }

 private:
  explicit FileSignals(std::string path) : path_(std::move(path)) {}
  bool Watch() {
    constexpr std::uint32_t kChanges = IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF;
    if (access(path_.c_str(), F_OK) != 0) Touch(path_);
    return inotify_add_watch(changes_.get(), path_.c_str(), kChanges) >= 0;
  }

  std::string path_;
  FileDescriptor changes_;
};

/// Files beside the database, for the processes of one machine.
class FileCoordination final : public Coordination {
 public:
  explicit FileCoordination(std::string path) : path_(std::move(path)) {}

  Result<PipelineLock> Lock(std::string_view pipeline, const LockOwner& owner) override {
    SMELT_ASSIGN(FileLock lock, FileLock::Acquire(LockPath(pipeline), owner, fmt::format("pipeline '{}'", pipeline)));
    return PipelineLock(std::move(lock));
  }
  Result<std::optional<LockOwner>> Holder(std::string_view pipeline) override {
    return FileLock::Holder(LockPath(pipeline));
  }
  void Signal() override { Touch(path_ + ".signal"); }
  Result<std::unique_ptr<Signals>> Listen() override { return FileSignals::Make(path_ + ".signal"); }

 private:
  /// Beside the database and named after it: the databases of several lakes may share a folder.
  std::string LockPath(std::string_view pipeline) const { return fmt::format("{}.{}.lock", path_, pipeline); }

  std::string path_;
};

/// Rows and notifications, for the processes of any machine.
class PostgresCoordination final : public Coordination {
 public:
  PostgresCoordination(StoreAddress address, PostgresDatabase& database)
      : address_(std::move(address)), database_(database) {}

  Result<PipelineLock> Lock(std::string_view pipeline, const LockOwner& owner) override {
    SMELT_ASSIGN(PostgresKeeper* const keeper, Keeper());
    SMELT_ASSIGN(std::unique_ptr<HeldRow> row, keeper->Lock(pipeline, owner, fmt::format("pipeline '{}'", pipeline)));
    return PipelineLock(std::move(row));
  }
  Result<std::optional<LockOwner>> Holder(std::string_view pipeline) override {
    std::optional<LockOwner> holder;
    SMELT_TRY(database_.Select(kHolderSql, {pipeline}, [&](const Row& row) -> Status {
      holder = LivingHolder(row);
      return {};
    }));
    return holder;
  }
  void Signal() override { static_cast<void>(database_.Notify()); }
  Result<std::unique_ptr<Signals>> Listen() override {
    SMELT_ASSIGN(PostgresKeeper* const keeper, Keeper());
    return keeper->Listen();
  }

 private:
  /// Most commands need none.
  Result<PostgresKeeper*> Keeper() {
    const std::lock_guard guard(mutex_);
    if (!keeper_) {
      SMELT_ASSIGN(keeper_, PostgresKeeper::Start(address_));
    }
    return keeper_.get();
  }

  const StoreAddress address_;
  PostgresDatabase& database_;
  std::mutex mutex_;
  std::unique_ptr<PostgresKeeper> keeper_;
};

}  // namespace

std::unique_ptr<Coordination> MakeCoordination(const StoreAddress& address, Database& database) {
  if (address.is_file()) return std::make_unique<FileCoordination>(address.path);
  return std::make_unique<PostgresCoordination>(address, static_cast<PostgresDatabase&>(database));
}

}  // namespace smelt::state::internal
