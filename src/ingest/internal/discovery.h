#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "ingest/source.h"

struct stat;  // NOLINT(readability-identifier-naming): the name that POSIX gave it

namespace smelt::ingest {

/// A file below a source's location.
struct FoundFile {
  std::string path;  ///< to open it; of an object in a bucket, where it has been brought to
  std::string name;  ///< relative to the location, with '/'; bytes that are not UTF-8 appear as \xNN
  std::int64_t bytes = 0;
  std::int64_t modified_us = 0;  ///< when it was changed last, since the epoch
  std::string place = {};        ///< where it lies, for messages: the path, or the object's address
  std::string tag = {};          ///< of an object: another one for other bytes
};

/// All regular files below `folder`: those of the folder itself first, then those of sub-folders, each ordered by
/// name, so that the files of later days come later. Symbolic links are followed; a folder that is reached a second
/// time, through a link, is not entered again. Hidden files and folders (".…") and those that are still being written
/// or were left by an editor ("…~", "….tmp", "….part", "….partial", "….crdownload", "….swp") are left out.
/// Errors: kStoreNotFound, kStoreDenied, kStoreIo (naming the folder or file), kCancelled.
Result<std::vector<FoundFile>> FindFiles(const std::string& folder, const std::stop_token& stop);

/// Whether files of this name are left out, see FindFiles. `name` is one part of a path.
bool IsIgnoredName(std::string_view name);

/// The order of FindFiles.
void SortFound(std::vector<FoundFile>& files);

/// When a file was changed, since the epoch.
std::int64_t ModifiedMicros(const struct stat& info);

/// Whether the table takes the file: one of its globs matches the name, or, if the glob has no '/', its last part.
bool Claims(const SourceTable& table, std::string_view name);

}  // namespace smelt::ingest
