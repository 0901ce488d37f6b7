#include "transform/internal/metrics/filter_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "engine/session.h"
#include "transform/internal/metrics/reference.h"

namespace smelt::transform {
namespace {

constexpr std::array<std::string_view, 12> kOperators = {
    "=", "!=", "<", "<=", ">", ">=", "in", "not in", "like", "contains", "is null", "is not null"};

Error Misfit(const MetricFilter& filter, std::string_view why) {
  return Error(ErrorCode::kMetricImpossible, fmt::format("the filter on '{}': {}", filter.dimension, why))
      .Hint(fmt::format("operators are {}; \"in\" and \"not in\" take a list", fmt::join(kOperators, ", ")));
}

/// A literal, whose type DuckDB takes from what it is compared with.
Result<std::string> Literal(const MetricFilter& filter, const Json& value) {
  if (value.is_string()) {
    const auto text = value.get<std::string>();
    if (text.contains('\0')) return Fail(Misfit(filter, "a value has a zero byte"));
    return engine::QuoteLiteral(text);
  }
  if (value.is_number() || value.is_boolean()) return JsonText(value);
  return Fail(Misfit(filter, "a value is a text, a number, true or false"));
}

}  // namespace

Result<std::string> FilterText(const MetricFilter& filter) {
  const std::string_view op = filter.op;
  if (std::ranges::find(kOperators, op) == kOperators.end()) {
    return Fail(Misfit(filter, fmt::format("'{}' is no operator", op)));
  }
  SMELT_ASSIGN(const Reference reference, ParseReference(filter.dimension));
  std::string subject = fmt::format("{{{{ Dimension('{}') }}}}", reference.Name());
  if (reference.grain) {
    subject = fmt::format("{{{{ TimeDimension('{}', '{}') }}}}", reference.Name(), GrainText(*reference.grain));
  } else if (!reference.date_part.empty()) {
    subject = fmt::format("{{{{ Dimension('{}').date_part('{}') }}}}", reference.Name(), reference.date_part);
  }
  if (op == "is null" || op == "is not null") return fmt::format("{} {}", subject, op);
  if (op == "in" || op == "not in") {
    if (!filter.value.is_array() || filter.value.empty()) return Fail(Misfit(filter, "a list of values is missing"));
    std::vector<std::string> values;
    for (const Json& one : filter.value) {
      SMELT_ASSIGN(std::string literal, Literal(filter, one));
      values.push_back(std::move(literal));
    }
    return fmt::format("{} {} ({})", subject, op, fmt::join(values, ", "));
  }
  SMELT_ASSIGN(const std::string literal, Literal(filter, filter.value));
  if (op == "contains") return fmt::format("contains(lower({}::varchar), lower({}::varchar))", subject, literal);
  return fmt::format("{} {} {}", subject, op, literal);
}

}  // namespace smelt::transform
