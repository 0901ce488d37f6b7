#pragma once

#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/error.h"
#include "ingest/internal/drop_folder.h"

namespace smelt::ingest {

/// Finds files that were loaded before, where a source has its files or in its archive. Each of the two is listed once,
/// when it is first needed, and each file is read once. Confined to one thread.
class OriginalFiles {
 public:
  /// Folders, or addresses of buckets; the archive may be empty: there is none.
  OriginalFiles(std::string location, std::string archive, std::stop_token stop);

  /// The first line, without its end, of the file that was loaded under this name with this content; nothing when it is
  /// gone. The archive has it under its own name, or under that with its hash, in any folder.
  /// Errors: kStore…, kConfigKeyMissing (no keys for a bucket in the environment), kIngestFileChanged, kCancelled.
  Result<std::optional<std::string>> FirstLine(const std::string& name, const std::string& hash);

 private:
  struct Content {
    std::string hash, first_line;
  };
  struct Original {
    FoundFile file;
    std::optional<Content> content = {};  ///< once it is read
  };
  struct Place {
    std::string address;
    bool is_archive = false;
    std::unique_ptr<DropFolder> folder = {};            ///< once it is listed
    std::multimap<std::string, Original> by_name = {};  ///< in the archive by the last part of their names
  };

  Status List(Place& place) const;
  static Result<Content> ReadContent(const std::string& path, const std::stop_token& stop);
  Status Read(const Place& place, Original& original) const;
  Result<const Content*> Find(Place& place, const std::string& name, const std::string& hash) const;

  Place location_, archive_;
  std::stop_token stop_;
};

}  // namespace smelt::ingest
