#include "delta/data_files.h"

#include <algorithm>
#include <atomic>

#include "base/parallel.h"

namespace smelt::delta {
namespace {

constexpr std::size_t kStoreCallsMax = 16;

/// The address without the scheme of local files, which stores and logs write in several ways or not at all.
std::string_view WithoutFileScheme(std::string_view address) {
  for (const std::string_view scheme : {"file://", "file:"}) {
    if (!address.starts_with(scheme)) continue;
    address.remove_prefix(scheme.size());
    return address;
  }
  return address;
}

bool IsHiddenName(std::string_view name, const std::vector<std::string>& partition_columns) {
  if (!name.starts_with('_') && !name.starts_with('.')) return false;
  if (name.starts_with("_delta_index") || name.starts_with("_change_data")) return false;
  return std::ranges::none_of(partition_columns, [&](const std::string& column) {
    return name.starts_with(column) && name.substr(column.size()).starts_with('=');
  });
}

bool IsHidden(std::string_view relative, const std::vector<std::string>& partition_columns) {
  while (true) {
    const std::size_t slash = relative.find('/');
    if (IsHiddenName(relative.substr(0, slash), partition_columns)) return true;
    if (slash == std::string_view::npos) return false;
    relative.remove_prefix(slash + 1);
  }
}

}  // namespace

bool IsAbsolutePath(std::string_view path) {
  return path.starts_with('/') || path.starts_with("file:") || path.find("://") != std::string_view::npos;
}

Result<std::optional<std::string>> KeyOfFile(const Log& log, std::string_view path) {
  SMELT_ASSIGN(const std::string decoded, DecodePath(path));
  if (!IsAbsolutePath(decoded)) return std::optional(log.Key(decoded));
  const std::string root = log.store().Address("");
  const std::string_view root_path = WithoutFileScheme(root);
  std::string_view address = WithoutFileScheme(decoded);
  if (!address.starts_with(root_path)) return std::nullopt;
  address.remove_prefix(root_path.size());
  return std::optional(std::string(address));
}

Result<std::string> AbsolutePath(const Log& log, std::string_view path) {
  SMELT_ASSIGN(const std::string decoded, DecodePath(path));
  if (IsAbsolutePath(decoded)) return std::string(path);
  const std::string address = log.store().Address(log.Key(decoded));
  const std::size_t scheme = address.find("://");
  if (scheme == std::string::npos) return "file://" + EncodePath(address);
  return address.substr(0, scheme + 3) + EncodePath(address.substr(scheme + 3));
}

Result<std::vector<storage::ObjectInfo>> ListDataFiles(const Log& log, const Metadata& metadata) {
  SMELT_ASSIGN(std::vector<storage::ObjectInfo> objects, log.store().List(log.folder(), {}, /*recursive=*/true));
  const std::size_t folder_length = log.Key("").size();
  std::erase_if(objects, [&](const storage::ObjectInfo& object) {
    return IsHidden(std::string_view(object.key).substr(folder_length), metadata.partition_columns);
  });
  return objects;
}

Result<std::vector<std::shared_ptr<const Add>>> FindMissingFiles(const Log& log,
                                                                 const std::vector<std::shared_ptr<const Add>>& files) {
  std::vector<std::atomic<bool>> is_missing(files.size());
  SMELT_TRY(ForEachParallel(files.size(), kStoreCallsMax, [&](std::size_t i) -> Status {
    SMELT_ASSIGN(const std::optional<std::string> key, KeyOfFile(log, files[i]->path));
    if (!key) return {};
    SMELT_ASSIGN(const bool exists, log.store().Exists(*key));
    is_missing[i] = !exists;
    return {};
  }));
  std::vector<std::shared_ptr<const Add>> missing;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (is_missing[i]) missing.push_back(files[i]);
  }
  return missing;
}

}  // namespace smelt::delta
