#include "transform/internal/jinja/circles.h"

#include <fmt/format.h>

#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/object.h"

namespace smelt::transform::jinja {
namespace {

bool IsContainer(const Value& value) {
  return value.is_sequence() || value.is_dict() || value.is_object();
}

/// Walks through a value and all that it holds, looking for one container.
class Search {
 public:
  explicit Search(const Value* container) : container_(container) {}

  Status Visit(const Value& value, int depth) {
    if (!IsContainer(value)) return {};
    if (container_ != nullptr && value.SameAs(*container_)) {
      return Fail(ErrorCode::kJinjaType, fmt::format("a {} cannot hold itself", container_->type_name()));
    }
    if (depth > kContainerDepthMax) {
      return Fail(ErrorCode::kJinjaLimit,
                  fmt::format("containers lie more than {} deep in one another", kContainerDepthMax));
    }
    if (--visits_left_ < 0) return Fail(ErrorCode::kJinjaLimit, "a value holds too many containers");
    if (value.is_sequence()) return VisitAll(value.items(), depth + 1);
    if (value.is_object()) return VisitAll(value.object().Held(), depth + 1);
    for (const auto& [key, member] : value.dict().entries()) {
      SMELT_TRY(Visit(key, depth + 1));
      SMELT_TRY(Visit(member, depth + 1));
    }
    return {};
  }

 private:
  Status VisitAll(const List& values, int depth) {
    for (const Value& value : values) SMELT_TRY(Visit(value, depth));
    return {};
  }

  const Value* container_;
  std::int64_t visits_left_ = kVisitsMax;
};

}  // namespace

Status RefuseCircle(const Value& container, const Value& added) {
  return Search(&container).Visit(added, 1);
}

Status RefuseDepth(const Value& value) {
  return Search(nullptr).Visit(value, 1);
}

}  // namespace smelt::transform::jinja
