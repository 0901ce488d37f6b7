#include <utility>

#include "storage/object_store.h"

namespace smelt::storage {
namespace {

/// Lets a script decide the fate of each call. The script runs without a lock, so that it may wait, or use the store as
/// a competitor would.
class FaultyStore final : public ObjectStore {
 public:
  FaultyStore(std::unique_ptr<ObjectStore> inner, FaultScript script)
      : inner_(std::move(inner)), script_(std::move(script)) {}

  std::string Address(std::string_view key) const override { return inner_->Address(key); }

  Result<std::string> Read(std::string_view key) override {
    return Run("read", key, [&] { return inner_->Read(key); });
  }
  Result<std::string> ReadRange(std::string_view key, std::int64_t offset, std::int64_t bytes) override {
    return Run("read", key, [&] { return inner_->ReadRange(key, offset, bytes); });
  }
  Result<bool> Exists(std::string_view key) override {
    return Run("exists", key, [&] { return inner_->Exists(key); });
  }
  Result<std::optional<ObjectInfo>> Head(std::string_view key) override {
    return Run("head", key, [&] { return inner_->Head(key); });
  }
  std::string Stamp(std::string_view key) override { return inner_->Stamp(key); }
  Result<std::vector<ObjectInfo>> List(std::string_view prefix, std::string_view start_after, bool recursive) override {
    return Run("list", prefix, [&] { return inner_->List(prefix, start_after, recursive); });
  }
  Result<std::vector<std::string>> ListFolders(std::string_view prefix) override {
    return Run("list", prefix, [&] { return inner_->ListFolders(prefix); });
  }
  Status Put(std::string_view key, std::string_view bytes, Durability durability) override {
    return Run("put", key, [&] { return inner_->Put(key, bytes, durability); });
  }
  Status Sync(const std::vector<std::string>& keys) override {
    return Run("sync", keys.empty() ? std::string_view() : keys.front(), [&] { return inner_->Sync(keys); });
  }
  /// What is needed is synced first, which is a call of its own to the script.
  Result<bool> PutIfAbsent(std::string_view key, std::string_view bytes,
                           const std::vector<std::string>& needed) override {
    if (!needed.empty()) SMELT_TRY(Run("sync", needed.front(), [] { return Status(); }));
    return Run("put_if_absent", key, [&] { return inner_->PutIfAbsent(key, bytes, needed); });
  }
  Status Delete(std::string_view key) override {
    return Run("delete", key, [&] { return inner_->Delete(key); });
  }
  Status DeleteFolder(std::string_view prefix) override {
    return Run("delete_folder", prefix, [&] { return inner_->DeleteFolder(prefix); });
  }

 private:
  template <typename Call>
  auto Run(std::string_view operation, std::string_view key, Call call) -> decltype(call()) {
    const std::optional<Fault> fault = script_({operation, key});
    if (!fault) return call();
    if (fault->after_effect) {
      const auto ignored = call();
      (void)ignored;
    }
    return Fail(fault->error);
  }

  std::unique_ptr<ObjectStore> inner_;
  const FaultScript script_;
};

}  // namespace

std::unique_ptr<ObjectStore> OpenFaultyStore(std::unique_ptr<ObjectStore> inner, FaultScript script) {
  return std::make_unique<FaultyStore>(std::move(inner), std::move(script));
}

}  // namespace smelt::storage
