#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "delta/actions.h"

namespace smelt::delta {

/// ParseAction with the parser's buffers kept from line to line: for commit files and checkpoints, which have many.
/// Confined to one thread at a time.
class ActionParser {
 public:
  ActionParser();
  ~ActionParser();

  Result<std::optional<Action>> Parse(std::string_view json_line, std::string_view origin, std::int64_t line);

 private:
  struct Buffers;
  std::unique_ptr<Buffers> buffers_;
};

}  // namespace smelt::delta
