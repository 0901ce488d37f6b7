#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"

namespace smelt::engine {

/// What the log says of a table, without reading data.
struct TableInfo {
  std::string schema, table;
  bool is_view = false;
  std::int64_t version = -1;
  std::int64_t rows = 0;  ///< -1 when a file lacks statistics
  std::int64_t files = 0;
  std::int64_t bytes = 0;
  std::int64_t timestamp_ms = 0;
  std::vector<std::pair<std::string, std::string>> columns;  ///< name, SQL type
  std::vector<std::string> partition_columns;
  std::map<std::string, std::int64_t> txns;  ///< application id → version
  Json last_info;                            ///< commitInfo.smelt of the newest commit, or null
};

}  // namespace smelt::engine
