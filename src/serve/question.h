#pragma once

#include <string>
#include <vector>

#include "engine/session.h"
#include "engine/table_pin.h"

namespace smelt::serve {

/// One statement that reads, with the values of its parameters `$1`, `$2` … as text (nothing: NULL); they take the
/// types that the statement gives them.
struct Question {
  std::string sql;
  std::vector<engine::Cell> parameters{};
  /// Reads the tables as they were. A version is for statements that read one table only.
  engine::TablePoint as_of{};
};

}  // namespace smelt::serve
