#include "serve/data/table_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <expected>
#include <string_view>

#include "base/config.h"

namespace smelt::serve {
namespace {

struct Comparison {
  std::string_view name;
  std::string_view sql;
};

constexpr std::array kComparisons = {
    Comparison{"eq", "="}, Comparison{"ne", "<>"},  Comparison{"lt", "<"},      Comparison{"lte", "<="},
    Comparison{"gt", ">"}, Comparison{"gte", ">="}, Comparison{"like", "like"}, Comparison{"ilike", "ilike"},
};
constexpr std::size_t kListMax = 1'000;
constexpr int kGroupDepthMax = 8;

std::vector<std::string_view> SplitAt(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// The elements of "a,\"b,c\"": those in quotation marks may have commas, and marks of their own twice.
std::optional<std::vector<std::string>> ListElements(std::string_view text) {
  std::vector<std::string> elements(1);
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char byte = text[at];
    if (byte == '"' && quoted && at + 1 < text.size() && text[at + 1] == '"') {
      elements.back() += '"';
      ++at;
    } else if (byte == '"') {
      quoted = !quoted;
    } else if (byte == ',' && !quoted) {
      elements.emplace_back();
    } else {
      elements.back() += byte;
    }
  }
  if (quoted || elements.size() > kListMax) return std::nullopt;
  return elements;
}

/// The conditions of "a.eq.1,or(b.gt.2,c.eq.\"x,y\")": split at commas outside of brackets and quotation marks.
/// Nothing when these do not match, or there are too many.
std::optional<std::vector<std::string_view>> GroupParts(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  int depth = 0;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char byte = text[at];
    if (byte == '"') quoted = !quoted;
    if (quoted) continue;
    if (byte == '(') ++depth;
    if (byte == ')' && --depth < 0) return std::nullopt;
    if (byte != ',' || depth > 0) continue;
    parts.push_back(text.substr(begin, at - begin));
    begin = at + 1;
  }
  parts.push_back(text.substr(begin));
  if (quoted || depth != 0 || parts.size() > kListMax) return std::nullopt;
  return parts;
}

bool IsInteger(std::string_view type) {
  constexpr std::array<std::string_view, 10> kTypes = {"TINYINT",  "SMALLINT",  "INTEGER",  "BIGINT",  "HUGEINT",
                                                       "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"};
  return std::ranges::find(kTypes, type) != kTypes.end();
}

/// Whether a text is a number with at most so many digits after the point.
bool IsNumber(std::string_view text, std::size_t scale) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view rest = point < text.size() ? text.substr(point + 1) : std::string_view();
  const auto digits = [](std::string_view part) {
    return std::ranges::all_of(part, [](unsigned char byte) { return std::isdigit(byte) != 0; });
  };
  return !whole.empty() && whole.size() + rest.size() <= 38 && digits(whole) && digits(rest) && rest.size() <= scale &&
         (point == text.size() || !rest.empty());
}

/// What is wrong with a value for a type, as far as it can be told without the engine; empty: nothing.
std::string Misfit(std::string_view type, std::string_view text) {
  if (IsInteger(type)) return IsNumber(text, 0) ? "" : fmt::format("'{}' is not a whole number", text);
  if (type.starts_with("DECIMAL(")) {
    std::size_t scale = 0;
    const std::string_view digits = type.substr(type.find(',') + 1);
    std::from_chars(digits.data(), digits.data() + digits.size(), scale);
    return IsNumber(text, scale) ? "" : fmt::format("'{}' is not a number with at most {} decimals", text, scale);
  }
  if (type == "DOUBLE" || type == "FLOAT") {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc() && end == text.data() + text.size() && !text.empty();
    return whole ? "" : fmt::format("'{}' is not a number", text);
  }
  if (type == "BOOLEAN") return text == "true" || text == "false" ? "" : "it must be true or false";
  return "";
}

/// Compiles the parts of one query, and gathers what is wrong.
class Compiler {
 public:
  explicit Compiler(const TableSource& source) : source_(source) {
    for (const auto& [name, type] : source.columns) names_.emplace_back(name);
  }

  std::string Select(const std::string& select) {
    if (select.empty()) return "*";
    std::string list;
    for (const std::string_view name : SplitAt(select, ',')) {
      if (const auto* column = Find("select", name)) {
        list += fmt::format("{}{}", list.empty() ? "" : ", ", engine::QuoteIdentifier(column->first));
      }
    }
    return list;
  }

  std::string Order(const std::string& order) {
    std::string list;
    if (order.empty()) return list;
    for (std::string_view term : SplitAt(order, ',')) {
      std::string direction = " asc";
      std::string nulls = " nulls last";
      const auto take = [&](std::string_view ending) {
        if (!term.ends_with(ending)) return false;
        term.remove_suffix(ending.size());
        return true;
      };
      if (take(".nullsfirst")) nulls = " nulls first";
      if (take(".nullslast")) nulls = " nulls last";
      if (take(".desc")) direction = " desc";
      if (take(".asc")) direction = " asc";
      if (const auto* column = Find("order", term)) {
        list += fmt::format("{}{}{}{}", list.empty() ? " order by " : ", ", engine::QuoteIdentifier(column->first),
                            direction, nulls);
      }
    }
    return list;
  }

  std::string Where(const std::vector<std::pair<std::string, std::string>>& filters) {
    std::string conditions;
    for (const auto& [name, filter] : filters) {
      std::string condition;
      if (name == "or" || name == "and") {
        condition = Group(name, name, filter, 1);
      } else if (const auto* column = Find(name, Unquoted(name))) {
        condition = Condition(name, *column, filter);
      } else {
        continue;
      }
      conditions += fmt::format("{}{}", conditions.empty() ? " where " : " and ", condition);
    }
    return conditions;
  }

  std::vector<FieldProblem> problems{};
  engine::ParameterValues parameters{};

 private:
  using Column = std::pair<std::string, std::string>;

  static std::string_view Unquoted(std::string_view name) {
    const bool quoted = name.size() > 2 && name.starts_with('"') && name.ends_with('"');
    return quoted ? name.substr(1, name.size() - 2) : name;
  }

  const Column* Find(std::string_view parameter, std::string_view name) {
    const auto found = std::ranges::find(source_.columns, name, &Column::first);
    if (found != source_.columns.end()) return &*found;
    const std::string near = NearestWord(name, names_);
    problems.push_back(
        {std::string(parameter), fmt::format("{}.{} has no column '{}'{}", source_.schema, source_.table, name,
                                             near.empty() ? "" : fmt::format("; did you mean '{}'?", near))});
    return nullptr;
  }

  std::string Wrong(std::string_view parameter, std::string detail) {
    problems.push_back({std::string(parameter), std::move(detail)});
    return "false";
  }

  /// A parameter of the statement with the type of the column.
  std::string Value(std::string_view parameter, const Column& column, const std::string& text) {
    if (std::string misfit = Misfit(column.second, text); !misfit.empty()) return Wrong(parameter, std::move(misfit));
    const std::string name = fmt::to_string(parameters.size() + 1);
    parameters[name] = text;
    return fmt::format("cast(${} as {})", name, column.second);
  }

  std::string Condition(std::string_view parameter, const Column& column, std::string_view filter) {
    const bool negated = filter.starts_with("not.");
    if (negated) filter.remove_prefix(4);
    const std::size_t point = std::min(filter.find('.'), filter.size());
    const std::string_view operation = filter.substr(0, point);
    const std::string value(filter.substr(std::min(point + 1, filter.size())));
    const std::string left = engine::QuoteIdentifier(column.first);
    std::string condition;
    if (operation == "is" && point < filter.size()) {
      condition = Is(parameter, column, left, value);
    } else if (operation == "in" && point < filter.size()) {
      condition = In(parameter, column, left, value);
    } else {
      const auto* const known = std::ranges::find(kComparisons, operation, &Comparison::name);
      if (known == kComparisons.end() || point == filter.size()) {
        return Wrong(parameter, fmt::format("'{}' is no condition: {}", filter, FilterLanguage()));
      }
      const bool is_pattern = known->name.ends_with("like");
      if (is_pattern) {
        const std::string name = fmt::to_string(parameters.size() + 1);
        parameters[name] = value;
        condition = fmt::format("cast({} as varchar) {} ${}", left, known->sql, name);
      } else {
        condition = fmt::format("{} {} {}", left, known->sql, Value(parameter, column, value));
      }
    }
    return negated ? fmt::format("not ({})", condition) : condition;
  }

  /// The conditions of "(a.eq.1,b.gt.2)", joined by `word`.
  std::string Group(std::string_view parameter, std::string_view word, std::string_view text, int depth) {
    const bool is_group = text.size() > 2 && text.starts_with('(') && text.ends_with(')') && depth <= kGroupDepthMax;
    const auto parts = is_group ? GroupParts(text.substr(1, text.size() - 2)) : std::nullopt;
    if (!parts) return Wrong(parameter, "write (a.eq.1,b.gt.2,and(c.is.null,d.lt.3)), a value with commas as \"x,y\"");
    std::string joined;
    for (const std::string_view part : *parts) {
      joined += fmt::format("{}{}", joined.empty() ? "" : fmt::format(" {} ", word), Part(parameter, part, depth));
    }
    return "(" + joined + ")";
  }

  /// A condition within a group: a group, or a column with what is asked of it.
  std::string Part(std::string_view parameter, std::string_view part, int depth) {
    std::string_view rest = part;
    const bool negated = rest.starts_with("not.");
    if (negated) rest.remove_prefix(4);
    for (const std::string_view word : {"or", "and"}) {
      if (!rest.starts_with(word) || !rest.substr(word.size()).starts_with('(')) continue;
      const std::string group = Group(parameter, word, rest.substr(word.size()), depth + 1);
      return negated ? fmt::format("not {}", group) : group;
    }
    const std::size_t quoted = part.starts_with('"') ? part.find('"', 1) : 0;
    const std::size_t point = std::min(part.find('.', std::min(quoted, part.size())), part.size());
    const Column* column = Find(parameter, Unquoted(part.substr(0, point)));
    if (column == nullptr) return "false";
    return Condition(parameter, *column, WithoutMarks(part.substr(std::min(point + 1, part.size()))));
  }

  /// "eq.\"x,y\"" as eq.x,y.
  static std::string WithoutMarks(std::string_view filter) {
    const std::size_t mark = filter.find(".\"");
    const bool marked = mark != std::string_view::npos && mark < std::min(filter.find('('), filter.size()) &&
                        filter.ends_with('"') && filter.size() > mark + 2;
    if (!marked) return std::string(filter);
    const auto value = ListElements(filter.substr(mark + 1));
    return value && value->size() == 1 ? std::string(filter.substr(0, mark + 1)) + value->front() : std::string(filter);
  }

  std::string Is(std::string_view parameter, const Column& column, const std::string& left, const std::string& value) {
    if (value == "null") return left + " is null";
    if ((value == "true" || value == "false") && column.second == "BOOLEAN")
      return fmt::format("{} is {}", left, value);
    return Wrong(parameter, "after is. there is null, or for a column of BOOLEAN true or false");
  }

  std::string In(std::string_view parameter, const Column& column, const std::string& left, std::string_view value) {
    const bool is_list = value.size() > 2 && value.starts_with('(') && value.ends_with(')');
    const auto elements = is_list ? ListElements(value.substr(1, value.size() - 2)) : std::nullopt;
    if (!elements)
      return Wrong(parameter, fmt::format("after in. there is a list of at most {}: (a,\"b,c\")", kListMax));
    std::string list;
    for (const std::string& element : *elements) {
      list += fmt::format("{}{}", list.empty() ? "" : ", ", Value(parameter, column, element));
    }
    return fmt::format("{} in ({})", left, list);
  }

  const TableSource& source_;
  std::vector<std::string_view> names_;
};

std::string Relation(const TableSource& source) {
  std::string name =
      fmt::format("{}.{}", engine::QuoteIdentifier(source.schema), engine::QuoteIdentifier(source.table));
  if (!source.timestamp.empty()) {
    return fmt::format("{} at (timestamp => timestamptz {})", name, engine::QuoteLiteral(source.timestamp));
  }
  if (source.version) return fmt::format("{} at (version => {})", name, *source.version);
  return name;
}

}  // namespace

std::expected<TableStatement, std::vector<FieldProblem>> CompileTableQuery(const TableSource& source,
                                                                           const TableQuery& query) {
  Compiler compiler(source);
  const std::string select = compiler.Select(query.select);
  const std::string where = compiler.Where(query.filters);
  const std::string order = compiler.Order(query.order);
  if (!compiler.problems.empty()) return std::unexpected(std::move(compiler.problems));
  return TableStatement{.sql = fmt::format("select {} from {}{}{} limit {} offset {}", select, Relation(source), where,
                                           order, query.limit, query.offset),
                        .parameters = std::move(compiler.parameters)};
}

std::string_view FilterLanguage() {
  return "write eq., ne., lt., lte., gt., gte., like. or ilike. before a value, in.(a,b), is.null, is.true or "
         "is.false, "
         "and not. before any of them";
}

}  // namespace smelt::serve
