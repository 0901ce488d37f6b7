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
/// ("ingest.file.loaded"). Thread-safe; nothing is written before LogTo.
void Log(LogLevel level, std::string_view event, LogFields fields = {});

/// Directs the log of this process to a file (appended, created with its folder) and sets the lowest level written.
/// An empty path switches the log off. Errors: kStoreIo, kStoreDenied.
Status LogTo(const std::string& path, LogLevel lowest);

}  // namespace smelt
