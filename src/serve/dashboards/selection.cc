#include "serve/dashboards/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "base/clock.h"
#include "base/config.h"
#include "serve/dashboards/internal/calendar.h"

namespace smelt::serve {
namespace {

constexpr std::size_t kValuesMax = 200;
constexpr std::size_t kValueBytesMax = 1000;

Error Wrong(const std::string& name, std::string_view why, std::string_view hint) {
  return Error(ErrorCode::kUsage, fmt::format("parameter '{}': {}", name, why)).Hint(std::string(hint));
}

bool IsNumber(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  return error == std::errc() && end == text.data() + text.size();
}

/// One side of "from..to".
Result<std::optional<std::string>> ReadSide(const Filter& filter, std::string_view text) {
  if (text.empty()) return std::optional<std::string>();
  const bool fits = filter.type == FilterType::kDateRange ? internal::ReadDay(text).has_value() : IsNumber(text);
  if (fits) return std::optional(std::string(text));
  return Fail(filter.type == FilterType::kDateRange
                  ? Wrong(filter.url, fmt::format("'{}' is no day", text), "write days as 2018-01-31..2018-02-28")
                  : Wrong(filter.url, fmt::format("'{}' is no number", text), "write numbers as 10..50"));
}

Result<ChosenRange> ReadRange(const Filter& filter, std::string_view text) {
  ChosenRange range;
  const std::size_t dots = text.find("..");
  if (text.empty()) return range;
  if (dots == std::string_view::npos) {
    return Fail(Wrong(filter.url, fmt::format("'{}' is no range", text), "write from..to; either side may be empty"));
  }
  SMELT_ASSIGN(range.from, ReadSide(filter, text.substr(0, dots)));
  SMELT_ASSIGN(range.to, ReadSide(filter, text.substr(dots + 2)));
  return range;
}

/// What is chosen as long as an address says nothing.
Result<Chosen> DefaultOf(const Filter& filter, const FindLastDay& last_day) {
  if (filter.period.empty()) return Chosen{.values = filter.values, .range = filter.range};
  if (filter.period == "all") return Chosen{};
  std::string last = internal::DayText(std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()));
  if (!filter.until_sql.empty()) {
    SMELT_ASSIGN(last, last_day(filter));
  }
  const auto range = PeriodOf(filter.period, last);
  return Chosen{.range = range.value_or(ChosenRange{})};
}

Result<Chosen> ReadChosen(const Filter& filter, const std::vector<std::string>& texts) {
  if (filter.type == FilterType::kDateRange || filter.type == FilterType::kNumberRange) {
    if (texts.size() > 1) return Fail(Wrong(filter.url, "comes twice", "a range is given once"));
    SMELT_ASSIGN(ChosenRange range, ReadRange(filter, texts[0]));
    return Chosen{.range = std::move(range)};
  }
  Chosen chosen;
  for (const std::string& text : texts) {
    if (text.size() > kValueBytesMax) return Fail(Wrong(filter.url, "is too long", "values have at most 1,000 bytes"));
    if (!text.empty()) chosen.values.push_back(text);
  }
  if (chosen.values.size() > kValuesMax) return Fail(Wrong(filter.url, "has too many values", "choose at most 200"));
  if (chosen.values.size() > 1 && !filter.multiple) {
    return Fail(Wrong(filter.url, "takes one value", "the filter would have to say 'multiple: true' for several"));
  }
  std::sort(chosen.values.begin(), chosen.values.end());
  chosen.values.erase(std::unique(chosen.values.begin(), chosen.values.end()), chosen.values.end());
  return chosen;
}

Status ReadGrain(const Dashboard& dashboard, const std::string& grain, Selection& selection) {
  if (std::find(dashboard.grains.begin(), dashboard.grains.end(), grain) == dashboard.grains.end()) {
    return Fail(Wrong("grain", fmt::format("'{}' is none that dashboard {} offers", grain, dashboard.name),
                      fmt::format("choose one of: {}", fmt::join(dashboard.grains, ", "))));
  }
  selection.grain = grain;
  return {};
}

Error UnknownParameter(const Dashboard& dashboard, const std::string& name) {
  std::vector<std::string_view> known = {"grain", "as_of"};
  for (const Filter& filter : dashboard.filters) known.push_back(filter.url);
  const std::string nearest = NearestWord(name, known);
  return Wrong(
      name, fmt::format("dashboard {} has no filter of this name", dashboard.name),
      nearest.empty() ? fmt::format("it has: {}", fmt::join(known, ", ")) : fmt::format("did you mean '{}'?", nearest));
}

/// Makes SQL of parts and choices; the values become parameters, each once.
class Binder {
 public:
  Binder(const Dashboard& dashboard, const Selection& selection) : dashboard_(dashboard), selection_(selection) {}

  void Add(const TileSql::Part& part) {
    sql_ += part.sql;
    if (!part.placeholder) return;
    const TileSql::Placeholder& placeholder = *part.placeholder;
    if (placeholder.kind == PlaceholderKind::kGrain) {
      // One of a closed list, not what came with the address.
      sql_ += fmt::format("cast(date_trunc('{}', {}) as date)", selection_.grain, placeholder.column);
      return;
    }
    const Filter& filter = *dashboard_.FindFilter(placeholder.filter);
    const auto found = selection_.filters.find(filter.name);
    const Chosen chosen = found == selection_.filters.end() ? Chosen{} : found->second;
    switch (placeholder.kind) {
      case PlaceholderKind::kFilter: sql_ += Condition(filter, chosen, placeholder.column); return;
      case PlaceholderKind::kValue: sql_ += Value(filter, chosen, placeholder.side); return;
      default: sql_ += Before(chosen, placeholder.column);
    }
  }

  Question Take() { return {.sql = std::move(sql_), .parameters = std::move(parameters_)}; }

 private:
  /// The parameter for a value that takes the type of `as`: that of a cast or of a column.
  std::string Parameter(engine::Cell value, const std::string& as) {
    const auto [known, is_new] = numbers_.try_emplace({as, value}, numbers_.size() + 1);
    if (is_new) parameters_.push_back(std::move(value));
    return fmt::format("${}", known->second);
  }
  std::string Cast(engine::Cell value, const std::string& type) {
    return fmt::format("cast({} as {})", Parameter(std::move(value), type), type);
  }

  std::string Days(const ChosenRange& range, const std::string& column) {
    std::string sql = "(";
    if (range.from) sql += fmt::format("({}) >= {}", column, Cast(range.from, "date"));
    if (range.from && range.to) sql += " and ";
    // The day after, so that times of the last day are in.
    if (range.to) sql += fmt::format("({}) < {} + 1", column, Cast(range.to, "date"));
    return sql + ")";
  }

  std::string Condition(const Filter& filter, const Chosen& chosen, const std::string& column) {
    const bool is_range = filter.type == FilterType::kDateRange || filter.type == FilterType::kNumberRange;
    if (is_range ? !chosen.range.from && !chosen.range.to : chosen.values.empty()) return "true";
    if (filter.type == FilterType::kDateRange) return Days(chosen.range, column);
    if (filter.type == FilterType::kText) {
      return fmt::format("contains(lower({}), lower({}))", column, Cast(chosen.values[0], "varchar"));
    }
    if (filter.type == FilterType::kSelect) {
      std::vector<std::string> values;
      for (const std::string& value : chosen.values) values.push_back(Parameter(value, "column " + column));
      return fmt::format("(({}) in ({}))", column, fmt::join(values, ", "));
    }
    std::vector<std::string> sides;
    const auto side = [&](const std::optional<std::string>& value, std::string_view comparison) {
      if (value) sides.push_back(fmt::format("({}) {} {}", column, comparison, Cast(value, "double")));
    };
    side(chosen.range.from, ">=");
    side(chosen.range.to, "<=");
    return fmt::format("({})", fmt::join(sides, " and "));
  }

  std::string Value(const Filter& filter, const Chosen& chosen, const std::string& side) {
    if (filter.type == FilterType::kDateRange || filter.type == FilterType::kNumberRange) {
      const std::optional<std::string>& value = side == "from" ? chosen.range.from : chosen.range.to;
      return Cast(value, filter.type == FilterType::kDateRange ? "date" : "double");
    }
    return Cast(chosen.values.empty() ? engine::Cell() : chosen.values[0], "varchar");
  }

  std::string Before(const Chosen& chosen, const std::string& column) {
    const auto before = PeriodBefore(chosen.range);
    return before ? Days(*before, column) : "false";
  }

  const Dashboard& dashboard_;
  const Selection& selection_;
  std::string sql_;
  std::vector<engine::Cell> parameters_;
  std::map<std::pair<std::string, engine::Cell>, std::size_t> numbers_;
};

}  // namespace

Result<Selection> ReadSelection(const Dashboard& dashboard, const AddressParameters& parameters,
                                const FindLastDay& last_day) {
  Selection selection;
  if (!dashboard.grains.empty()) selection.grain = dashboard.grains.front();
  std::map<std::string, std::vector<std::string>> texts;
  for (const auto& [name, value] : parameters) {
    if (FirstLineNotUtf8(name + value)) {
      return Fail(Error(ErrorCode::kUsage, "a parameter is not UTF-8").Hint("encode addresses as %C3%A3 for 'ã'"));
    }
    texts[name].push_back(value);
  }
  for (const auto& [name, values] : texts) {
    const auto filter = std::find_if(dashboard.filters.begin(), dashboard.filters.end(),
                                     [&name](const Filter& one) { return one.url == name; });
    if (filter != dashboard.filters.end()) {
      SMELT_ASSIGN(selection.filters[filter->name], ReadChosen(*filter, values));
    } else if (name != "grain" && name != "as_of") {
      return Fail(UnknownParameter(dashboard, name));
    } else if (values.size() > 1) {
      return Fail(Wrong(name, "comes twice", "give it once"));
    } else if (name == "grain") {
      SMELT_TRY(ReadGrain(dashboard, values[0], selection));
    } else if (!values[0].empty()) {
      SMELT_TRY(ReadPoint(values[0]));
      selection.as_of = values[0];
    }
  }
  for (const Filter& filter : dashboard.filters) {
    if (selection.filters.contains(filter.name)) continue;
    SMELT_ASSIGN(selection.filters[filter.name], DefaultOf(filter, last_day));
  }
  return selection;
}

Result<Question> BindTile(const Tile& tile, const Dashboard& dashboard, const Selection& selection) {
  Binder binder(dashboard, selection);
  for (const TileSql::Part& part : tile.sql.parts()) binder.Add(part);
  Question question = binder.Take();
  if (!selection.as_of.empty()) {
    SMELT_ASSIGN(question.as_of, ReadPoint(selection.as_of));
  }
  return question;
}

Result<engine::TablePoint> ReadPoint(std::string_view as_of) {
  std::int64_t version = 0;
  const auto [end, error] = std::from_chars(as_of.data(), as_of.data() + as_of.size(), version);
  if (error == std::errc() && end == as_of.data() + as_of.size() && version >= 0) {
    return engine::TablePoint{.version = version};
  }
  if (const auto time_us = ParseTimestampMicros(as_of)) return engine::TablePoint{.timestamp_ms = *time_us / 1000};
  return Fail(
      Wrong("as_of", fmt::format("'{}' is neither a version nor a time", as_of), "write 12 or 2018-05-24T06:00:00Z"));
}

}  // namespace smelt::serve
