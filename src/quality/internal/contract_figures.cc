#include "quality/internal/contract_figures.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

#include <strings.h>

#include <fmt/format.h>

#include "base/ascii.h"

namespace smelt::quality {
namespace {

/// A value of the contract in SQL: numbers as they are, everything else as text, which is cast to the column's type.
std::string LiteralOf(const Json& value) {
  return value.is_number() || value.is_boolean()
             ? JsonText(value)
             : engine::QuoteLiteral(value.is_string() ? value.get<std::string>() : JsonText(value));
}

std::string ListOf(const Json& values) {
  std::string sql;
  for (const Json& value : values) {
    if (value.is_null()) continue;
    sql += (sql.empty() ? "" : ", ") +
           engine::QuoteLiteral(value.is_string() ? value.get<std::string>() : JsonText(value));
  }
  return sql;
}

struct OptionCheck {
  std::string_view name;
  std::string_view bad;      ///< {0} the column, {1} the bound: when a value breaks it
  std::string_view subject;  ///< {1} the bound
};
constexpr auto kOptions = std::to_array<OptionCheck>({
    {"minLength", "length({0}::varchar) < {1}", "values shorter than {1} characters"},
    {"maxLength", "length({0}::varchar) > {1}", "values longer than {1} characters"},
    {"pattern", "not regexp_matches({0}::varchar, {1})", "values that do not match {1}"},
    {"minimum", "{0} < {1}", "values below {1}"},
    {"maximum", "{0} > {1}", "values above {1}"},
    {"exclusiveMinimum", "{0} <= {1}", "values not above {1}"},
    {"exclusiveMaximum", "{0} >= {1}", "values not below {1}"},
    {"multipleOf", "{0} % {1} <> 0", "values that are no multiples of {1}"},
    {"minItems", "len({0}) < {1}", "lists of fewer than {1}"},
    {"maxItems", "len({0}) > {1}", "lists of more than {1}"},
});

constexpr std::string_view kUuid = "^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$";
constexpr std::string_view kEmail = "^[^@ ]+@[^@ ]+[.][^@ ]+$";

/// Puts the figures of one object together.
class FigureList {
 public:
  FigureList(const ContractObject& object, const DataSource& table) : object_(object), table_(table) {}

  std::vector<ContractFigure> Make() {
    std::vector<std::string> key;
    for (const ContractProperty& property : object_.properties) {
      const engine::ResultColumn* column = ColumnOf(property, table_);
      if (column == nullptr) continue;
      const std::string sql = engine::QuoteIdentifier(column->name);
      AddProperty(property, *column, sql);
      if (property.primary_key) key.push_back(sql);
      for (const ContractRule& rule : property.rules) AddRule(rule, property.name, sql);
    }
    AddKey(key);
    for (const ContractRule& rule : object_.rules) AddRule(rule, "", "");
    return std::move(figures_);
  }

 private:
  void AddBad(const ContractProperty& property, std::string_view check, const std::string& bad, std::string subject) {
    figures_.push_back({.property = property.name,
                        .check = std::string(check),
                        .sql = fmt::format("count_if({})", bad),
                        .subject = std::move(subject),
                        .line = property.line});
  }

  void AddProperty(const ContractProperty& property, const engine::ResultColumn& column, const std::string& sql) {
    if (property.required || property.primary_key) {
      AddBad(property, property.required ? "required" : "primaryKey", sql + " is null", "null values");
    }
    if (property.unique) {
      figures_.push_back({.property = property.name,
                          .check = "unique",
                          .sql = fmt::format("count({0}) - count(distinct {0})", sql),
                          .subject = "values that were there before",
                          .line = property.line});
    }
    for (const OptionCheck& option : kOptions) {
      const auto bound = property.options.find(option.name);
      if (bound == property.options.end() || bound->is_null()) continue;
      const std::string shown = bound->is_string() ? bound->get<std::string>() : JsonText(*bound);
      AddBad(property, option.name, fmt::format(fmt::runtime(option.bad), sql, LiteralOf(*bound)),
             fmt::format(fmt::runtime(option.subject), "", shown));
    }
    const auto length = TextLength(property.physical_type);
    if (length && column.kind == engine::TypeKind::kText && !property.options.contains("maxLength")) {
      AddBad(property, "physicalType", fmt::format("length({}) > {}", sql, *length),
             fmt::format("values longer than {} characters", *length));
    }
    AddStructure(property, column, sql);
    const std::string format = property.options.value("format", Json()).is_string()
                                   ? property.options["format"].get<std::string>()
                                   : std::string();
    if (format == "uuid" || format == "email") {
      AddBad(property, "format",
             fmt::format("not regexp_matches({}::varchar, {})", sql,
                         engine::QuoteLiteral(format == "uuid" ? kUuid : kEmail)),
             fmt::format("values that are no {}", format));
    }
  }

  /// Promises about lists and objects.
  void AddStructure(const ContractProperty& property, const engine::ResultColumn& column, const std::string& sql) {
    if (property.options.value("uniqueItems", Json()) == true) {
      AddBad(property, "uniqueItems", fmt::format("len(list_distinct({0})) < len({0})", sql),
             "lists that repeat a value");
    }
    const bool is_json = column.type == "JSON" || column.kind == engine::TypeKind::kText;
    const std::string json = is_json ? sql + "::json" : fmt::format("to_json({})", sql);
    for (const auto& [name, sign] : {std::pair{"minProperties", "<"}, std::pair{"maxProperties", ">"}}) {
      const auto bound = property.options.find(name);
      if (bound == property.options.end() || !bound->is_number()) continue;
      AddBad(property, name, fmt::format("len(json_keys({})) {} {}", json, sign, JsonText(*bound)),
             fmt::format("objects of {} than {} fields", *sign == '<' ? "fewer" : "more", JsonText(*bound)));
    }
    for (const Json& field : property.options.value("required", Json::array())) {
      const std::string name = field.is_string() ? field.get<std::string>() : JsonText(field);
      // The document's null counts as missing.
      AddBad(property, "required",
             fmt::format("{0} is not null and coalesce(json_type({1}, {2}), 'NULL') = 'NULL'", sql, json,
                         engine::QuoteLiteral(fmt::format("$.\"{}\"", name))),
             fmt::format("objects without {}", name));
    }
  }

  void AddKey(const std::vector<std::string>& key) {
    if (key.empty()) return;
    figures_.push_back({.property = "",
                        .check = "primaryKey",
                        .sql = fmt::format("count(*) - count(distinct row({}))", fmt::join(key, ", ")),
                        .subject = "rows whose key was there before",
                        .line = object_.line});
  }

  /// What a rule of the library counts; empty when it cannot say.
  std::string CountSql(const ContractRule& rule, const std::string& sql, std::string& subject) const {
    if (rule.metric == "rowCount") {
      subject = "rows";
      return "count(*)";
    }
    if (rule.metric == "duplicateValues" && rule.arguments.contains("properties")) {
      std::vector<std::string> columns;
      for (const Json& name : rule.arguments["properties"]) {
        columns.push_back(engine::QuoteIdentifier(name.is_string() ? name.get<std::string>() : JsonText(name)));
      }
      subject = "rows that were there before";
      return fmt::format("count(*) - count(distinct row({}))", fmt::join(columns, ", "));
    }
    if (sql.empty()) return {};
    if (rule.metric == "duplicateValues") {
      subject = "values that were there before";
      return fmt::format("count({0}) - count(distinct {0})", sql);
    }
    if (rule.metric == "nullValues") {
      subject = "null values";
      return fmt::format("count_if({} is null)", sql);
    }
    if (rule.metric == "missingValues") {
      subject = "missing values";
      const std::string list = ListOf(rule.arguments.value("missingValues", Json::array()));
      return list.empty() ? fmt::format("count_if({} is null)", sql)
                          : fmt::format("count_if({0} is null or {0}::varchar in ({1}))", sql, list);
    }
    return InvalidSql(rule, sql, subject);
  }

  static std::string InvalidSql(const ContractRule& rule, const std::string& sql, std::string& subject) {
    std::vector<std::string> bad;
    if (rule.arguments.contains("validValues")) {
      const std::string list = ListOf(rule.arguments["validValues"]);
      bad.push_back(list.empty() ? "true" : fmt::format("{}::varchar not in ({})", sql, list));
    }
    if (rule.arguments.contains("pattern") && rule.arguments["pattern"].is_string()) {
      bad.push_back(fmt::format("not regexp_matches({}::varchar, {})", sql,
                                engine::QuoteLiteral(rule.arguments["pattern"].get<std::string>())));
    }
    if (bad.empty()) return {};
    subject = "invalid values";
    return fmt::format("count_if({} is not null and ({}))", sql, fmt::join(bad, " or "));
  }

  void AddRule(const ContractRule& rule, const std::string& property, const std::string& sql) {
    if (rule.type != "library") return;
    ContractFigure figure{.property = property,
                          .check = rule.name,
                          .sql = {},
                          .subject = {},
                          .percent = rule.percent,
                          .severity = rule.severity,
                          .line = rule.line};
    figure.sql = CountSql(rule, sql, figure.subject);
    if (figure.sql.empty()) {
      // Without a column or without arguments there is nothing to count: the check says so.
      figure.sql = "error('the rule does not say of what: name columns or give arguments')::double";
      figure.subject = rule.metric;
    }
    if (rule.percent) figure.sql = fmt::format("100.0 * ({}) / nullif(count(*), 0)", figure.sql);
    if (!rule.comparison.empty()) {
      figure.comparison = rule.comparison;
      figure.bounds = rule.bounds;
    }
    figures_.push_back(std::move(figure));
  }

  const ContractObject& object_;
  const DataSource& table_;
  std::vector<ContractFigure> figures_;
};

}  // namespace

std::optional<std::int64_t> TextLength(std::string_view physical_type) {
  constexpr auto kTexts =
      std::to_array<std::string_view>({"varchar", "char", "nvarchar", "nchar", "varchar2", "nvarchar2",
                                       "character varying", "character", "string", "text"});
  const std::size_t open = physical_type.find('(');
  if (open == std::string_view::npos || !physical_type.ends_with(')')) return std::nullopt;
  std::string name = LowerAscii(physical_type.substr(0, open));
  while (name.ends_with(' ')) name.pop_back();
  if (std::ranges::find(kTexts, name) == kTexts.end()) return std::nullopt;
  std::int64_t length = 0;
  const char* const end = physical_type.data() + physical_type.size() - 1;
  const auto read = std::from_chars(physical_type.data() + open + 1, end, length);
  return read.ec == std::errc() && read.ptr == end ? std::optional(length) : std::nullopt;
}

std::vector<ContractFigure> FiguresOf(const ContractObject& object, const DataSource& table) {
  return FigureList(object, table).Make();
}

const engine::ResultColumn* ColumnOf(const ContractProperty& property, const DataSource& table) {
  const auto found = std::ranges::find_if(table.columns, [&](const engine::ResultColumn& column) {
    return strcasecmp(column.name.c_str(), property.physical_name.c_str()) == 0;
  });
  return found == table.columns.end() ? nullptr : &*found;
}

bool Compares(double value, const std::string& comparison, const std::vector<double>& bounds) {
  if (comparison == "mustBe") return value == bounds[0];
  if (comparison == "mustNotBe") return value != bounds[0];
  if (comparison == "mustBeGreaterThan") return value > bounds[0];
  if (comparison == "mustBeGreaterOrEqualTo") return value >= bounds[0];
  if (comparison == "mustBeLessThan") return value < bounds[0];
  if (comparison == "mustBeLessOrEqualTo") return value <= bounds[0];
  const bool between = bounds.size() == 2 && value >= bounds[0] && value <= bounds[1];
  return comparison == "mustBeBetween" ? between : !between;
}

std::string ComparisonText(const std::string& comparison, const std::vector<double>& bounds) {
  if (comparison == "mustBe") return fmt::format("{}", bounds[0]);
  if (comparison == "mustNotBe") return fmt::format("anything but {}", bounds[0]);
  if (comparison == "mustBeGreaterThan") return fmt::format("above {}", bounds[0]);
  if (comparison == "mustBeGreaterOrEqualTo") return fmt::format("at least {}", bounds[0]);
  if (comparison == "mustBeLessThan") return fmt::format("below {}", bounds[0]);
  if (comparison == "mustBeLessOrEqualTo") return fmt::format("at most {}", bounds[0]);
  return fmt::format("{} {} and {}", comparison == "mustBeBetween" ? "between" : "not between", bounds[0],
                     bounds.size() > 1 ? bounds[1] : bounds[0]);
}

}  // namespace smelt::quality
