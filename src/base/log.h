#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "base/json.h"

namespace smelt {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

using LogFields = std::initializer_list<std::pair<std::string_view, Json>>;

/// Writes one JSON object per line: {"ts":…,"level":…,"event":…,<fields>}. `event` is a stable dotted name
/// ("ingest.file.loaded"). Thread-safe; nothing is written before LogTo or MirrorLog.
void Log(LogLevel level, std::string_view event, LogFields fields = {});

/// While it lives, every line that its thread logs has these fields, too, as far as the line does not have them itself.
/// Scopes nest. Confined to its thread.
class LogScope {
 public:
  explicit LogScope(LogFields fields);
  /// Takes over what Current() gave on another thread.
  explicit LogScope(Json fields);
  ~LogScope();
  LogScope(const LogScope&) = delete;
  LogScope& operator=(const LogScope&) = delete;

  /// The fields that lines of this thread get now, as an object: for threads that it starts.
  static Json Current();

 private:
  Json before_;
};

/// Writes every line to an open file, too, whatever LogTo says; -1 ends that. The file stays the caller's. Thread-safe.
void MirrorLog(int descriptor);

/// Directs the log of this process to a file (appended, created with its folder) and sets the lowest level written.
/// An empty path switches the log off. Errors: kStoreIo, kStoreDenied.
Status LogTo(const std::string& path, LogLevel lowest);

}  // namespace smelt
