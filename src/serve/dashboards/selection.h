#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "engine/session.h"
#include "engine/table_pin.h"
#include "serve/dashboards/definition.h"
#include "serve/question.h"

namespace smelt::serve {

/// What a viewer chose of one filter.
struct Chosen {
  std::vector<std::string> values{};  ///< of select and text; none: everything
  ChosenRange range{};                ///< of ranges, days as "2018-01-31"
  bool operator==(const Chosen&) const = default;
};

/// What a viewer chose of a dashboard. A value type.
struct Selection {
  std::map<std::string, Chosen> filters{};  ///< by name; all of the dashboard
  std::string grain{};                      ///< empty where the dashboard leaves no choice
  std::string as_of{};                      ///< as it was asked for; empty: now
};

/// Names and values of an address, as they came, decoded.
using AddressParameters = std::vector<std::pair<std::string, std::string>>;

/// Finds the last day of a filter's period: the value of its `until_sql`, as "2018-08-31".
using FindLastDay = std::function<Result<std::string>(const Filter&)>;

/// What the parameters of an address choose; where they say nothing, the defaults hold.
/// Errors: kUsage for names that the dashboard does not have and values that do not fit, naming them.
Result<Selection> ReadSelection(const Dashboard& dashboard, const AddressParameters& parameters,
                                const FindLastDay& last_day);

/// The question that a tile with SQL asks under a selection. Values become parameters.
/// Errors: kUsage (an `as_of` that is neither a version nor a time).
Result<Question> BindTile(const Tile& tile, const Dashboard& dashboard, const Selection& selection);

/// A version, or a time as ISO 8601 has it. Errors: kUsage.
Result<engine::TablePoint> ReadPoint(std::string_view as_of);

/// The days of a period by its name ("last_12_months", "this_quarter" …), which ends with `last_day` or, if it is a
/// previous one, before. Nothing when the name is none. `last_day` is a day as ISO 8601 has it.
std::optional<ChosenRange> PeriodOf(std::string_view name, std::string_view last_day);

/// The period of the same length just before: whole months where it consists of them, else as many days. Nothing when a
/// side is open.
std::optional<ChosenRange> PeriodBefore(const ChosenRange& range);

}  // namespace smelt::serve
