#include <fmt/format.h>

#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "base/clock.h"
#include "storage/internal/key.h"
#include "storage/object_store.h"

namespace smelt::storage {
namespace {

using internal::CheckKey;
using internal::FolderStart;

class MemoryStore final : public ObjectStore {
 public:
  explicit MemoryStore(FaultScript script) : script_(std::move(script)) {}

  std::string Address(std::string_view key) const override { return fmt::format("memory:///{}", key); }

  Result<std::string> Read(std::string_view key) override {
    SMELT_TRY(CheckKey(key));
    return Run<std::string>("read", key, [&]() -> Result<std::string> {
      const auto found = objects_.find(key);
      if (found == objects_.end())
        return Fail(ErrorCode::kStoreNotFound, fmt::format("{} does not exist", Address(key)));
      return found->second.bytes;
    });
  }

  Result<bool> Exists(std::string_view key) override {
    SMELT_TRY(CheckKey(key));
    return Run<bool>("exists", key, [&] { return objects_.contains(key); });
  }

  Result<std::optional<ObjectInfo>> Head(std::string_view key) override {
    SMELT_TRY(CheckKey(key));
    return Run<std::optional<ObjectInfo>>("head", key, [&]() -> std::optional<ObjectInfo> {
      const auto found = objects_.find(key);
      if (found == objects_.end()) return std::nullopt;
      return InfoOf(*found);
    });
  }

  Result<std::vector<ObjectInfo>> List(std::string_view prefix, std::string_view start_after, bool recursive) override {
    SMELT_ASSIGN(const std::string start, FolderStart(prefix));
    return Run<std::vector<ObjectInfo>>("list", prefix, [&] {
      std::vector<ObjectInfo> listed;
      for (auto it = objects_.lower_bound(start); it != objects_.end() && it->first.starts_with(start); ++it) {
        const bool direct = it->first.find('/', start.size()) == std::string::npos;
        if (it->first <= start_after || (!recursive && !direct)) continue;
        listed.push_back(InfoOf(*it));
      }
      return listed;
    });
  }

  Result<std::vector<std::string>> ListFolders(std::string_view prefix) override {
    SMELT_ASSIGN(const std::string start, FolderStart(prefix));
    return Run<std::vector<std::string>>("list", prefix, [&] {
      std::set<std::string> names;
      for (auto it = objects_.lower_bound(start); it != objects_.end() && it->first.starts_with(start); ++it) {
        const auto end = it->first.find('/', start.size());
        if (end != std::string::npos) names.insert(it->first.substr(start.size(), end - start.size()));
      }
      return std::vector<std::string>(names.begin(), names.end());
    });
  }

  Status Sync(const std::vector<std::string>& keys) override {
    for (const std::string& key : keys) {
      SMELT_TRY(CheckKey(key));
      SMELT_TRY(Run<void>("sync", key, [] { return Status(); }));
    }
    return {};
  }

  Status Put(std::string_view key, std::string_view bytes, Durability) override {
    SMELT_TRY(CheckKey(key));
    return Run<void>("put", key, [&]() -> Status {
      objects_.insert_or_assign(std::string(key), Object{std::string(bytes), NowMillis()});
      return {};
    });
  }

  Result<bool> PutIfAbsent(std::string_view key, std::string_view bytes) override {
    SMELT_TRY(CheckKey(key));
    return Run<bool>("put_if_absent", key, [&] {
      return objects_.try_emplace(std::string(key), Object{std::string(bytes), NowMillis()}).second;
    });
  }

  Status Delete(std::string_view key) override {
    SMELT_TRY(CheckKey(key));
    return Run<void>("delete", key, [&]() -> Status {
      const auto found = objects_.find(key);
      if (found != objects_.end()) objects_.erase(found);
      return {};
    });
  }

  Status DeleteFolder(std::string_view prefix) override {
    SMELT_TRY(FolderStart(prefix));
    return {};
  }

 private:
  struct Object {
    std::string bytes;
    std::int64_t modified_ms = 0;
  };
  using Objects = std::map<std::string, Object, std::less<>>;

  static ObjectInfo InfoOf(const Objects::value_type& entry) {
    return {entry.first, static_cast<std::int64_t>(entry.second.bytes.size()), entry.second.modified_ms};
  }

  /// Performs one call under the lock, with the fate that the script decides. The script runs without the lock, so
  /// that it may wait, or use the store as a competitor would.
  template <typename T, typename Call>
  Result<T> Run(std::string_view operation, std::string_view key, Call call) {
    const std::optional<Fault> fault = script_ ? script_({operation, key}) : std::nullopt;
    if (fault && !fault->after_effect) return Fail(fault->error);
    const std::lock_guard lock(mutex_);
    Result<T> outcome = call();
    if (fault) return Fail(fault->error);
    return outcome;
  }

  const FaultScript script_;
  std::mutex mutex_;
  Objects objects_;
};

}  // namespace

std::unique_ptr<ObjectStore> OpenMemoryStore(FaultScript script) {
  return std::make_unique<MemoryStore>(std::move(script));
}

}  // namespace smelt::storage
