#include "generate/internal/column_sql.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/session.h"

namespace smelt::generate {
namespace {

using engine::QuoteLiteral;

Error ColumnError(const ConfigNode& node, std::string message) {
  return node.ErrorHere(ErrorCode::kConfigValueInvalid, std::move(message));
}

std::string TextListSql(const std::vector<std::string>& texts) {
  std::string sql = "[";
  for (const std::string& text : texts) sql += (sql.size() > 1 ? "," : "") + QuoteLiteral(text);
  return sql + "]";
}

std::string PickSql(const std::string& draw, const std::string& values, const std::vector<double>& weights) {
  return fmt::format("smelt_pick({}, {}, [{}]::DOUBLE[])", draw, values, fmt::join(weights, ","));
}

bool IsWholeNumber(const std::string& text) {
  const std::size_t begin = text.starts_with('-') ? 1 : 0;
  return text.size() > begin && text.size() < 16 && text.find_first_not_of("0123456789", begin) == std::string::npos;
}

/// The pick of a map or list of values; whole numbers stay numbers.
Result<std::string> WeightedSql(const ConfigNode& spec, const std::string& draw) {
  SMELT_ASSIGN(const auto weights, ReadWeights(spec));
  std::vector<std::string> values;
  std::vector<double> shares;
  for (const auto& [value, weight] : weights) {
    values.push_back(value);
    shares.push_back(weight);
  }
  if (!std::ranges::all_of(values, IsWholeNumber)) return PickSql(draw, TextListSql(values), shares);
  return PickSql(draw, fmt::format("[{}]::BIGINT[]", fmt::join(values, ",")), shares);
}

Result<std::string> IdText(const DataTable& table, const DataColumn& column) {
  SMELT_ASSIGN(const std::string pattern, column.spec.AsString());
  if (pattern.find('#') == std::string::npos) {
    return Fail(ColumnError(column.spec, fmt::format("the id pattern '{}' has no place for the number", pattern))
                    .Hint("mark its digits with #, as in \"P######\""));
  }
  if (pattern.find("{day}") == std::string::npos) {
    return fmt::format("smelt_id({}, this_number)", QuoteLiteral(pattern));
  }
  if (table.source == RowSource::kDaily)
    return fmt::format("smelt_id({}, this_number, this_day)", QuoteLiteral(pattern));
  return Fail(ColumnError(column.spec, fmt::format("rows of '{}' have no day for the id", table.name))
                  .Hint("leave {day} out, or let the table be daily:"));
}

/// One text of one list and locale.
Result<std::string> ListSql(const DataSet& data, const ConfigNode& spec, const std::string& list,
                            const std::string& part, const std::string& locale, const std::string& draw) {
  std::vector<std::string_view> names;
  for (const auto& [name, locales] : data.lists) names.push_back(name);
  const auto found = data.lists.find(list);
  if (found == data.lists.end()) {
    const std::string nearest = NearestWord(list, names);
    return Fail(ColumnError(spec, fmt::format("there is no list of texts '{}'", list))
                    .Hint(nearest.empty() ? fmt::format("the lists are {}", fmt::join(names, ", "))
                                          : fmt::format("did you mean '{}'?", nearest)));
  }
  auto of_locale = found->second.find(locale);
  if (of_locale == found->second.end()) of_locale = found->second.find("");
  if (of_locale == found->second.end()) {
    std::vector<std::string_view> locales;
    for (const auto& [name, texts] : found->second) locales.push_back(name);
    return Fail(ColumnError(spec, fmt::format("the list '{}' has no locale '{}'", list, locale))
                    .Hint(fmt::format("give locale: one of {}", fmt::join(locales, ", "))));
  }
  const TextList& texts = of_locale->second;
  const auto values = texts.parts.find(part);
  if (values == texts.parts.end()) {
    std::vector<std::string_view> parts;
    for (const auto& [name, unused] : texts.parts) parts.push_back(name);
    return Fail(ColumnError(spec, fmt::format("entries of the list '{}' have no part '{}'", list, part))
                    .Hint(fmt::format("write {}.PART with one of {}", list, fmt::join(parts, ", "))));
  }
  const std::string picked = PickSql(draw, TextListSql(values->second), texts.weights);
  const bool digits =
      std::ranges::any_of(values->second, [](const std::string& text) { return text.find('#') != std::string::npos; });
  return digits ? fmt::format("digits(2, {})", picked) : picked;
}

/// `locale` is a name, or a map {column: country, BR: pt_BR, …}.
Result<std::string> TextText(const DataSet& data, const DataColumn& column) {
  SMELT_ASSIGN(std::string list, column.spec.AsString());
  std::string part;
  if (const std::size_t dot = list.find('.'); dot != std::string::npos) {
    part = list.substr(dot + 1);
    list.resize(dot);
  }
  // The parts of one entry belong together, in all columns of the row that show one.
  const std::string draw = part.empty() ? "draw(1)" : fmt::format("draw(list_{})", list);
  const auto locale = column.node.Find("locale");
  if (!locale) return ListSql(data, column.spec, list, part, "", draw);
  if (!locale->is_map()) {
    SMELT_ASSIGN(const std::string name, locale->AsString());
    return ListSql(data, column.spec, list, part, name, draw);
  }
  SMELT_ASSIGN(const std::string by, RequireText(*locale, "column"));
  std::string sql = "case " + by;
  for (const std::string& value : locale->keys()) {
    if (value == "column") continue;
    SMELT_ASSIGN(const std::string name, locale->Find(value)->AsString());
    SMELT_ASSIGN(const std::string texts, ListSql(data, column.spec, list, part, name, draw));
    sql += fmt::format(" when {} then {}", QuoteLiteral(value), texts);
  }
  return sql + " end";
}

/// The two parameters of a distribution, each a number or an SQL expression.
Result<std::array<std::string, 2>> Parameters(const ConfigNode& node, std::string_view example) {
  if (node.items().size() != 2) {
    return Fail(ColumnError(node, "a distribution takes two parameters").Hint(fmt::format("write {}", example)));
  }
  SMELT_ASSIGN(auto first, node.items()[0].AsString());
  SMELT_ASSIGN(auto second, node.items()[1].AsString());
  return std::array{std::move(first), std::move(second)};
}

/// A DOUBLE by a distribution: {uniform: [low, high]}, {normal: [mean, deviation]}, {lognormal: [median, sigma]},
/// {skewed: [high, skew]}.
Result<std::string> DistributionText(const ConfigNode& node) {
  SMELT_TRY(node.AllowKeys({"uniform", "normal", "lognormal", "skewed", "min", "max", "decimals"}));
  std::string sql;
  if (const auto uniform = node.Find("uniform")) {
    SMELT_ASSIGN(const auto p, Parameters(*uniform, "uniform: [1, 10]"));
    sql = fmt::format("(({0}) + (({1}) - ({0}) + 0.0) * draw(1))", p[0], p[1]);
  } else if (const auto normal = node.Find("normal")) {
    SMELT_ASSIGN(const auto p, Parameters(*normal, "normal: [MEAN, DEVIATION]"));
    sql = fmt::format("(({0}) + ({1}) * bell(1))", p[0], p[1]);
  } else if (const auto lognormal = node.Find("lognormal")) {
    SMELT_ASSIGN(const auto p, Parameters(*lognormal, "lognormal: [MEDIAN, SIGMA]"));
    sql = fmt::format("(({0}) * exp(({1}) * bell(1)))", p[0], p[1]);
  } else if (const auto skewed = node.Find("skewed")) {
    SMELT_ASSIGN(const auto p, Parameters(*skewed, "skewed: [HIGHEST, SKEW]"));
    sql = fmt::format("(({0}) * pow(draw(1), ({1})))", p[0], p[1]);
  } else {
    return Fail(ColumnError(node, "a number has no distribution")
                    .Hint("give uniform, normal, lognormal or skewed, as {uniform: [1, 10]}"));
  }
  if (const auto low = node.Find("min")) {
    SMELT_ASSIGN(const std::string text, low->AsString());
    sql = fmt::format("greatest({}, ({})::DOUBLE)", sql, text);
  }
  if (const auto high = node.Find("max")) {
    SMELT_ASSIGN(const std::string text, high->AsString());
    sql = fmt::format("least({}, ({})::DOUBLE)", sql, text);
  }
  return sql;
}

/// How many digits before the point a number can have, as its description tells: narrow decimals cost less.
std::int64_t WholeDigits(const ConfigNode& spec) {
  constexpr std::int64_t kDigitsUnknown = 12;
  const auto high = spec.Find("max");
  if (!high) return kDigitsUnknown;
  const auto value = high->AsDouble();
  if (!value) return kDigitsUnknown;
  std::int64_t digits = 1;
  double limit = 10;
  while (*value >= limit && digits < kDigitsUnknown) {
    ++digits;
    limit *= 10;
  }
  return digits;
}

Result<std::string> NumberText(const DataColumn& column) {
  SMELT_ASSIGN(std::string sql, DistributionText(column.spec));
  SMELT_ASSIGN(const auto decimals, column.spec.IntOr("decimals", 0));
  if (decimals < 0 || decimals > 6) {
    return Fail(ColumnError(column.spec, fmt::format("{} decimals", decimals)).Hint("give 0 to 6"));
  }
  if (!column.type.empty()) return sql;
  if (decimals > 0) {
    return fmt::format("({})::DECIMAL({}, {})", sql, WholeDigits(column.spec) + decimals, decimals);
  }
  // A uniform number reaches its upper bound as often as any other.
  if (const auto uniform = column.spec.Find("uniform")) {
    SMELT_ASSIGN(const auto p, Parameters(*uniform, ""));
    return fmt::format("(({0}) + floor((({1}) - ({0}) + 1) * draw(1)))::BIGINT", p[0], p[1]);
  }
  return fmt::format("floor({})::BIGINT", sql);
}

Result<std::string> DateColumnText(const DataColumn& column) {
  SMELT_TRY(column.spec.AllowKeys({"from", "to"}));
  std::array<std::string, 2> bounds;
  for (std::size_t i = 0; i < 2; ++i) {
    SMELT_ASSIGN(const ConfigNode bound, column.spec.Require(i == 0 ? "from" : "to"));
    SMELT_ASSIGN(std::string text, bound.AsString());
    if (const auto day = ReadDay(bound)) text = fmt::format("make_date({})", *day);
    bounds[i] = fmt::format("(({})::DATE)", text);
  }
  return fmt::format("({0} + floor(draw(1) * ({1} - {0} + 1))::INTEGER)", bounds[0], bounds[1]);
}

/// A moment of the day that `on` (a date) tells, at an hour by weight.
Result<std::string> TimeText(const DataColumn& column) {
  SMELT_TRY(column.spec.AllowKeys({"on", "hours"}));
  SMELT_ASSIGN(const std::string on, RequireText(column.spec, "on"));
  std::string hour = "floor(draw(1) * 24)::BIGINT";
  if (const auto hours = column.spec.Find("hours")) {
    SMELT_ASSIGN(hour, WeightedSql(*hours, "draw(1)"));
  }
  return fmt::format(
      "make_timestamp(((({})::DATE - DATE '1970-01-01') * 86400 + {} * 3600 + floor(draw(2) * 3600)::BIGINT) * "
      "1000000)",
      on, hour);
}

/// A moment that follows another by a lead time in hours or days.
Result<std::string> AfterText(const DataColumn& column) {
  SMELT_ASSIGN(const std::string from, column.spec.AsString());
  const auto hours = column.node.Find("hours"), days = column.node.Find("days");
  if (hours.has_value() == days.has_value()) {
    return Fail(ColumnError(column.node, fmt::format("column '{}' does not say how long after", column.name))
                    .Hint("give one of hours and days, as {lognormal: [30, 0.5], min: 4, max: 200}"));
  }
  SMELT_ASSIGN(const std::string lead, DistributionText(hours ? *hours : *days));
  return fmt::format("make_timestamp(epoch_us(({})::TIMESTAMP) + floor({} * {})::BIGINT * 1000000)", from, lead,
                     hours ? 3600 : 86400);
}

}  // namespace

Result<const DataTable*> ReferencedTable(const DataSet& data, const DataColumn& column) {
  SMELT_ASSIGN(const std::string name, column.spec.AsString());
  const DataTable* target = data.Find(name);
  if (target == nullptr) {
    std::vector<std::string_view> names;
    for (const DataTable& table : data.tables) names.push_back(table.name);
    const std::string nearest = NearestWord(name, names);
    return Fail(
        ColumnError(column.spec, fmt::format("column '{}' refers to '{}', which is no table", column.name, name))
            .Hint(nearest.empty() ? fmt::format("the tables are {}", fmt::join(names, ", "))
                                  : fmt::format("did you mean '{}'?", nearest)));
  }
  if (target->Id() == nullptr && !column.hidden) {
    return Fail(ColumnError(column.spec, fmt::format("rows of '{}' cannot be referred to: it has no id", name))
                    .Hint("give it a column {id: \"X####\"}"));
  }
  return target;
}

Result<std::string> ReferenceText(const DataSet& data, const DataTable& table, const DataColumn& column) {
  SMELT_ASSIGN(const DataTable* target, ReferencedTable(data, column));
  if (const auto of = column.node.Find("of")) {
    SMELT_ASSIGN(const std::string parent, of->AsString());
    if (target->source == RowSource::kEach && table.Find(parent) != nullptr) {
      return fmt::format("({0}.this_row * 64 + 1 + floor(draw(1) * {0}.count_of_{1})::BIGINT)", parent, target->name);
    }
    return Fail(ColumnError(*of, fmt::format("'{}' does not lead to a row of '{}'", parent, target->name))
                    .Hint(fmt::format("name a column of '{}' that refers to the table that '{}' has rows for each of",
                                      table.name, target->name)));
  }
  if (target->source != RowSource::kRows) {
    return Fail(ColumnError(column.spec, fmt::format("rows of '{}' cannot be picked at random", target->name))
                    .Hint("refer to a table with rows:, or give of: a column that refers to its parent"));
  }
  if (const auto row = column.node.Find("row")) {
    SMELT_ASSIGN(const std::string sql, row->AsString());
    return fmt::format("((({}) % rows_of_{})::BIGINT)", sql, target->name);
  }
  std::string share = "draw(1)";
  if (const auto skew = column.node.Find("skew")) {
    SMELT_ASSIGN(const double power, ReadNumber(*skew, 1, 10));
    share = fmt::format("pow(draw(1), {})", power);
  }
  return fmt::format("floor({} * rows_of_{})::BIGINT", share, target->name);
}

Result<std::string> ColumnText(const DataSet& data, const DataTable& table, const DataColumn& column) {
  const auto kind_text = [&]() -> Result<std::string> {
    if (column.kind == "id") return IdText(table, column);
    if (column.kind == "pick") return WeightedSql(column.spec, "draw(1)");
    if (column.kind == "text") return TextText(data, column);
    if (column.kind == "number") return NumberText(column);
    if (column.kind == "date") return DateColumnText(column);
    if (column.kind == "time") return TimeText(column);
    if (column.kind == "after") return AfterText(column);
    if (column.kind == "reference") {
      SMELT_ASSIGN(const DataTable* target, ReferencedTable(data, column));
      return fmt::format("{}.{}", column.name, target->Id() != nullptr ? target->Id()->name : "this_row");
    }
    SMELT_ASSIGN(const std::string sql, column.spec.AsString());
    return "(" + sql + ")";
  };
  SMELT_ASSIGN(std::string sql, kind_text());
  if (!column.type.empty()) sql = fmt::format("({})::{}", sql, column.type);
  if (column.missing > 0)
    sql = fmt::format("case when draw(missing_{}) >= {} then {} end", column.name, column.missing, sql);
  return sql;
}

std::string DirtySql(const DataColumn& column, const std::string& value, const std::string& draw, double dirt,
                     const std::string& no_such_id) {
  if (column.dirt.empty() || dirt == 0) return value;
  const std::string text = fmt::format("({})::VARCHAR", value);
  std::string sql = "case";
  double share = 0;
  for (const auto& [kind, of_kind] : column.dirt) {
    share += std::min(of_kind * dirt, 1.0);
    std::string spoilt;
    if (kind == "missing") spoilt = "null";
    if (kind == "blanks") spoilt = fmt::format("'  ' || {} || ' '", text);
    if (kind == "capitals") spoilt = fmt::format("upper({})", text);
    if (kind == "not_a_number") spoilt = "'n/a'";
    if (kind == "decimal_comma") spoilt = fmt::format("replace(({})::DECIMAL(18, 2)::VARCHAR, '.', ',')", value);
    if (kind == "no_such_date") spoilt = fmt::format("substr({0}, 1, 4) || '-02-30' || substr({0}, 11)", text);
    if (kind == "negative") spoilt = fmt::format("'-' || {}", text);
    if (kind == "no_such_reference") spoilt = QuoteLiteral(no_such_id);
    sql += fmt::format(" when {} < {} then {}", draw, share, spoilt);
  }
  return fmt::format("{} else {} end", sql, text);
}

}  // namespace smelt::generate
