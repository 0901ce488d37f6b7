#include "storage/internal/key.h"

#include <fmt/format.h>

#include <algorithm>

namespace smelt::storage::internal {

Status CheckKey(std::string_view key) {
  for (std::size_t begin = 0; begin <= key.size();) {
    const std::size_t end = std::min(key.find('/', begin), key.size());
    const std::string_view part = key.substr(begin, end - begin);
    if (part.empty() || part == "." || part == ".." || part.find('\0') != std::string_view::npos) {
      return Fail(ErrorCode::kStoreDenied, fmt::format("'{}' is not the name of an object inside the store", key));
    }
    begin = end + 1;
  }
  return {};
}

Result<std::string> FolderStart(std::string_view folder) {
  if (folder.ends_with('/')) folder.remove_suffix(1);
  if (folder.empty()) return std::string();
  SMELT_TRY(CheckKey(folder));
  return fmt::format("{}/", folder);
}

bool AllBefore(std::string_view key_start, std::string_view start_after) {
  return key_start < start_after && !start_after.starts_with(key_start);
}

}  // namespace smelt::storage::internal
