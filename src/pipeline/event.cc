#include "pipeline/event.h"

#include <fmt/format.h>

namespace smelt::pipeline {

std::string Event::Name() const {
  switch (kind) {
    case Kind::kFile: return fmt::format("file {}", target);
    case Kind::kTable: return fmt::format("table {}", target);
    case Kind::kPipeline: break;
  }
  const char* end = after_success && after_failure ? "end" : after_success ? "success" : "failure";
  return fmt::format("pipeline {} {}", target, end);
}

}  // namespace smelt::pipeline
