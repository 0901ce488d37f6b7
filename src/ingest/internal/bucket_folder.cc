#include "ingest/internal/bucket_folder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <map>
#include <mutex>
#include <utility>

#include "base/file.h"
#include "base/file_writer.h"
#include "base/id.h"
#include "ingest/internal/file_source.h"
#include "storage/object_store.h"

namespace smelt::ingest {
namespace {

namespace fs = std::filesystem;

/// How much of an object is in memory at a time.
constexpr std::int64_t kFetchBytes = 8 << 20;

bool AnyPartIsIgnored(std::string_view key) {
  while (true) {
    const std::size_t slash = key.find('/');
    if (IsIgnoredName(key.substr(0, slash))) return true;
    if (slash == std::string_view::npos) return false;
    key.remove_prefix(slash + 1);
  }
}

/// A folder that is removed with what lies in it.
class TemporaryFolder {
 public:
  static Result<std::unique_ptr<TemporaryFolder>> Make() {
    std::error_code problem;
    const fs::path base = fs::temp_directory_path(problem);
    if (problem) return Fail(FileError(problem.value(), "use the folder for temporary files", "TMPDIR"));
    auto folder = std::make_unique<TemporaryFolder>((base / ("smelt-files-" + NewUuid())).string());
    SMELT_TRY(CreateFolders(folder->path_));
    fs::permissions(folder->path_, fs::perms::owner_all, problem);
    return folder;
  }
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class BucketFolder final : public DropFolder {
 public:
  BucketFolder(std::unique_ptr<storage::ObjectStore> store, std::unique_ptr<TemporaryFolder> local)
      : store_(std::move(store)), local_(std::move(local)) {}

  Result<std::vector<FoundFile>> Find(const std::stop_token& /*stop*/) override {
    constexpr std::int64_t kMicrosPerMilli = 1'000;
    SMELT_ASSIGN(const auto objects, store_->List("", "", true));
    std::vector<FoundFile> files;
    for (const storage::ObjectInfo& object : objects) {
      if (AnyPartIsIgnored(object.key)) continue;
      files.push_back({"", object.key, object.bytes, object.modified_ms * kMicrosPerMilli, store_->Address(object.key),
                       object.tag});
    }
    SortFound(files);
    return files;
  }

  Result<std::vector<std::string>> AwaitSettled(std::vector<FoundFile>& /*files*/, std::int64_t /*settle_ms*/,
                                                const std::stop_token& /*stop*/) override {
    return std::vector<std::string>();
  }

  Status Fetch(FoundFile& file, const std::stop_token& stop) override;

  void PutAway(FoundFile& file) override {
    std::error_code ignored;
    fs::remove(file.path, ignored);
    file.path.clear();
  }

  Status Move(const InputFile& file, const std::string& zone, const std::string& day) override;

  Status WriteReason(const std::string& zone, const std::string& day, const std::string& name,
                     std::string_view text) override {
    SMELT_ASSIGN(const auto store, ZoneStore(zone));
    return store->Put(fmt::format("{}/{}.reason.json", day, name), text);
  }

 private:
  Result<storage::ObjectStore*> ZoneStore(const std::string& zone);
  Status CopyTo(storage::ObjectStore& zone, const InputFile& file, const std::string& day);

  const std::unique_ptr<storage::ObjectStore> store_;
  const std::unique_ptr<TemporaryFolder> local_;
  std::atomic<int> fetched_ = 0;
  std::mutex lock_;
  std::map<std::string, std::unique_ptr<storage::ObjectStore>> zones_;
};

Status BucketFolder::Fetch(FoundFile& file, const std::stop_token& stop) {
  const std::string path = fmt::format("{}/{}", local_->path(), ++fetched_);
  SMELT_ASSIGN(FileWriter writer, FileWriter::Create(path));
  for (std::int64_t offset = 0; offset < file.bytes; offset += kFetchBytes) {
    if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, fmt::format("fetching {} was stopped", file.place));
    SMELT_ASSIGN(const std::string piece,
                 store_->ReadRange(file.name, offset, std::min(kFetchBytes, file.bytes - offset)));
    SMELT_TRY(writer.Append(piece));
  }
  // Pieces of two objects of one name are no file.
  SMELT_ASSIGN(const auto now, store_->Head(file.name));
  if (!now) return Fail(ErrorCode::kStoreNotFound, fmt::format("{} is gone", file.place));
  if (now->tag != file.tag || now->bytes != file.bytes) {
    return Fail(Error(ErrorCode::kIngestFileChanged, fmt::format("{} was replaced while it was read", file.place))
                    .Hint("run again"));
  }
  SMELT_TRY(writer.Finish());
  file.path = path;
  return {};
}

Result<storage::ObjectStore*> BucketFolder::ZoneStore(const std::string& zone) {
  const std::lock_guard guard(lock_);
  auto& store = zones_[zone];
  if (!store) {
    SMELT_ASSIGN(store, storage::OpenStore(zone));
  }
  return store.get();
}

Status BucketFolder::CopyTo(storage::ObjectStore& zone, const InputFile& file, const std::string& day) {
  SMELT_ASSIGN(const std::string bytes, ReadWholeFile(file.file.path));
  const std::string key = fmt::format("{}/{}", day, file.file.name);
  SMELT_ASSIGN(const auto there, zone.Head(key));
  if (!there) return zone.Put(key, bytes);
  if (there->bytes == file.stamp.bytes) {
    SMELT_ASSIGN(const std::string archived, zone.Read(key));
    if (archived == bytes) return {};
  }
  return zone.Put(fmt::format("{}/{}", day, WithHash(file.file.name, file.stamp.hash)), bytes);
}

Status BucketFolder::Move(const InputFile& file, const std::string& zone, const std::string& day) {
  SMELT_ASSIGN(const auto before, store_->Head(file.file.name));
  // Moved by somebody else, or replaced: the next run looks at what lies there now.
  if (!before || before->tag != file.file.tag || before->bytes != file.file.bytes) return {};
  SMELT_ASSIGN(storage::ObjectStore * store, ZoneStore(zone));
  SMELT_TRY(CopyTo(*store, file, day));
  SMELT_ASSIGN(const auto now, store_->Head(file.file.name));
  if (!now || now->tag != file.file.tag || now->bytes != file.file.bytes) return {};
  return store_->Delete(file.file.name);
}

}  // namespace

Result<std::unique_ptr<DropFolder>> OpenBucketFolder(const std::string& address) {
  SMELT_ASSIGN(auto store, storage::OpenStore(address));
  SMELT_ASSIGN(auto local, TemporaryFolder::Make());
  return std::make_unique<BucketFolder>(std::move(store), std::move(local));
}

}  // namespace smelt::ingest
