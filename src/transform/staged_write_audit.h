#pragma once

#include <string>
#include <string_view>

#include "transform/write_audit.h"

namespace smelt::transform {

/// What a node writes of its table.
enum class WriteKind { kWhole, kAddition };

/// An auditor to whom it matters whether the table is written whole. It may take rows out of the table, and keep them
/// elsewhere: those kept of an earlier table go with it.
class StagedWriteAudit : public WriteAudit {
 public:
  /// As Judge.
  virtual Result<std::string> JudgeStaged(engine::Session& session, std::string_view schema, std::string_view table,
                                          WriteKind kind) = 0;

  Result<std::string> Judge(engine::Session& session, std::string_view schema, std::string_view table) final {
    return JudgeStaged(session, schema, table, WriteKind::kAddition);
  }
};

}  // namespace smelt::transform
