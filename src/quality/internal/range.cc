#include "quality/internal/range.h"

#include <fmt/format.h>

namespace smelt::quality {

std::vector<Kwarg> RangeKwargs() {
  return {{"min_value", KwargKind::kBound, false, "The lower bound; none by default."},
          {"max_value", KwargKind::kBound, false, "The upper bound; none by default."},
          {"strict_min", KwargKind::kFlag, false, "The lower bound itself is out."},
          {"strict_max", KwargKind::kFlag, false, "The upper bound itself is out."}};
}

Result<Range> RangeOf(const Call& call) {
  return Range{.low = call.Value("min_value"),
               .high = call.Value("max_value"),
               .strict_low = call.Flag("strict_min"),
               .strict_high = call.Flag("strict_max")};
}

Result<Range> OrderedRangeOf(const Call& call) {
  SMELT_ASSIGN(Range range, RangeOf(call));
  if (range.low.is_number() && range.high.is_number() && range.low > range.high) {
    return Fail(ErrorCode::kQualityNotApplicable,
                fmt::format("min_value {} is greater than max_value {}", JsonText(range.low), JsonText(range.high)));
  }
  return range;
}

Judgement JudgeObserved(const std::vector<Json>& figures) {
  return {figures.at(1) == true, {{"observed_value", figures.at(0)}}};
}

Column NumberColumn(const std::string& sql) {
  return {.name = sql, .sql = sql, .type = "DOUBLE", .kind = engine::TypeKind::kFloat};
}

}  // namespace smelt::quality
