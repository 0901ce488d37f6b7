#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace smelt::transform {

/// What tells a file that may have changed from one that has not, without reading it.
struct FileStamp {
  std::string path;
  std::int64_t size = 0;  ///< -1: there is no such file
  std::int64_t modified_ns = 0, changed_ns = 0;
  std::uint64_t inode = 0;
  bool operator==(const FileStamp&) const = default;
};

/// What is looked at: folders with all that lies in them, and files or folders of their own.
struct StampedPlaces {
  std::vector<std::string> folders, files;
};

/// The stamps of all regular files under the folders, hidden ones left out, and those of the single files and folders,
/// whether they are there or not; by path. Links are followed. Errors: kStore….
Result<std::vector<FileStamp>> StampFiles(const StampedPlaces& places);

/// Makes stamps of files that were written at or after `since_ns`, or shortly before, equal to no stamp: a later change
/// within the same tick of the file system's clock would not show.
void DistrustFreshStamps(std::int64_t since_ns, std::vector<FileStamp>& stamps);

/// The paths that differ between two lists; both are in order.
std::vector<std::string> ChangedPaths(const std::vector<FileStamp>& before, const std::vector<FileStamp>& now);

}  // namespace smelt::transform
