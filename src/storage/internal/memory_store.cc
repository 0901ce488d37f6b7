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
  std::string Address(std::string_view key) const override { return fmt::format("memory:///{}", key); }

  Result<std::string> Read(std::string_view key) override {
    SMELT_TRY(CheckKey(key));
    return Locked([&]() -> Result<std::string> {
      const auto found = objects_.find(key);
      if (found == objects_.end())
        return Fail(ErrorCode::kStoreNotFound, fmt::format("{} does not exist", Address(key)));
      return found->second.bytes;
    });
  }

  Result<std::string> ReadRange(std::string_view key, std::int64_t offset, std::int64_t bytes) override {
    SMELT_ASSIGN(const std::string all, Read(key));
    if (offset + bytes <= static_cast<std::int64_t>(all.size())) {
      return all.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(bytes));
    }
    return Fail(ErrorCode::kStoreIo, fmt::format("{} ends before byte {}", Address(key), offset + bytes));
  }

  Result<bool> Exists(std::string_view key) override {
    SMELT_TRY(CheckKey(key));
    return Locked([&] { return objects_.contains(key); });
  }

  Result<std::optional<ObjectInfo>> Head(std::string_view key) override {
    SMELT_TRY(CheckKey(key));
    return Locked([&]() -> std::optional<ObjectInfo> {
      const auto found = objects_.find(key);
      if (found == objects_.end()) return std::nullopt;
      return InfoOf(*found);
    });
  }

  std::string Stamp(std::string_view key) override {
    return Locked([&] {
      const auto found = objects_.find(key);
      return found == objects_.end() ? std::string() : std::to_string(found->second.edition);
    });
  }

  Result<std::vector<ObjectInfo>> List(std::string_view prefix, std::string_view start_after, bool recursive) override {
    SMELT_ASSIGN(const std::string start, FolderStart(prefix));
    return Locked([&] {
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
    return Locked([&] {
      std::set<std::string> names;
      for (auto it = objects_.lower_bound(start); it != objects_.end() && it->first.starts_with(start); ++it) {
        const auto end = it->first.find('/', start.size());
        if (end != std::string::npos) names.insert(it->first.substr(start.size(), end - start.size()));
      }
      return std::vector<std::string>(names.begin(), names.end());
    });
  }

  Status Sync(const std::vector<std::string>& keys) override {
    for (const std::string& key : keys) SMELT_TRY(CheckKey(key));
    return {};
  }

  Status Put(std::string_view key, std::string_view bytes, Durability) override {
    SMELT_TRY(CheckKey(key));
    return Locked([&]() -> Status {
      objects_.insert_or_assign(std::string(key), Object{std::string(bytes), NowMillis(), ++editions_});
      return {};
    });
  }

  Result<bool> PutIfAbsent(std::string_view key, std::string_view bytes,
                           const std::vector<std::string>& needed) override {
    SMELT_TRY(CheckKey(key));
    SMELT_TRY(Sync(needed));
    return Locked([&] {
      return objects_.try_emplace(std::string(key), Object{std::string(bytes), NowMillis(), ++editions_}).second;
    });
  }

  Status Delete(std::string_view key) override {
    SMELT_TRY(CheckKey(key));
    return Locked([&]() -> Status {
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
    std::int64_t edition = 0;  ///< of all that were ever put, the how many-th
  };
  using Objects = std::map<std::string, Object, std::less<>>;

  static ObjectInfo InfoOf(const Objects::value_type& entry) {
    return {entry.first, static_cast<std::int64_t>(entry.second.bytes.size()), entry.second.modified_ms};
  }

  template <typename Call>
  auto Locked(Call call) -> decltype(call()) {
    const std::lock_guard lock(mutex_);
    return call();
  }

  std::mutex mutex_;
  Objects objects_;
  std::int64_t editions_ = 0;
};

}  // namespace

std::unique_ptr<ObjectStore> OpenMemoryStore(FaultScript script) {
  auto store = std::make_unique<MemoryStore>();
  if (!script) return store;
  return OpenFaultyStore(std::move(store), std::move(script));
}

}  // namespace smelt::storage
