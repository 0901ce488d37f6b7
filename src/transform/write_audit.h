#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "engine/session.h"

namespace smelt::transform {

/// What a node writes of its table.
enum class WriteKind { kWhole, kAddition };

/// Looks at what nodes are about to commit: write, audit, publish. Nobody but the auditor sees rows that it refuses.
/// Called from several threads, for different tables at a time.
class WriteAudit {
 public:
  virtual ~WriteAudit() = default;
  /// Judges `schema.table` within the session's open transaction, which sees the rows as they would be. It may take rows
  /// out of the table and keep them elsewhere: those kept of a table that is written whole go with it. Returns what
  /// people should know of the rows, or nothing. An error rolls the transaction back: the table stays as it was, and what
  /// depends on it is skipped. Again for the same table when another writer was first.
  virtual Result<std::string> Judge(engine::Session& session, std::string_view schema, std::string_view table,
                                    WriteKind kind) = 0;
  /// What was judged last of the table has become its version `version`.
  virtual void Committed(std::string_view schema, std::string_view table, std::int64_t version) = 0;
};

}  // namespace smelt::transform
