#include "quality/internal/row_check.h"

#include <algorithm>
#include <functional>
#include <map>

#include <fmt/format.h>

#include "quality/internal/literal.h"

namespace smelt::quality {
namespace {

Json Percent(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? Json(static_cast<double>(part) / static_cast<double>(whole) * 100) : Json();
}

std::int64_t Integer(const Json& figure) {
  return figure.is_number() ? figure.get<std::int64_t>() : 0;
}

/// A record becomes the list of its values: the form in which Great Expectations counts records.
Json Flattened(const Json& value) {
  if (!value.is_object()) return value;
  Json values = Json::array();
  for (const Json& part : value) values.push_back(part);
  return values;
}

/// How often each value of a sample occurs in it, the most frequent first.
Json CountValues(const Json& sample) {
  std::map<Json, std::int64_t> counts;
  for (const Json& value : sample) ++counts[Flattened(value)];
  std::vector<std::pair<Json, std::int64_t>> ordered(counts.begin(), counts.end());
  std::ranges::stable_sort(ordered, std::greater(), &std::pair<Json, std::int64_t>::second);
  Json list = Json::array();
  for (auto& [value, count] : ordered) list.push_back({{"value", std::move(value)}, {"count", count}});
  return list;
}

}  // namespace

FigureRequest RowQuery::CountFigures() const {
  const std::string elements = call_.Over("count(*)");
  FigureRequest figures = {elements};
  const std::string judged = Judged();
  if (judged.empty()) {
    figures.push_back(elements);
  } else {
    figures.push_back(check_.judged.empty() ? call_.Over("count(*)", judged) : call_.Over(check_.judged));
  }
  if (!check_.proof.empty()) {
    figures.push_back(call_.Over(check_.proof, judged));
  } else if (!check_.derived.empty()) {
    figures.push_back("(select count(*) " + RowsThat("is true") + ")");
  } else if (!check_.satisfied.empty()) {
    figures.push_back(call_.Over(check_.satisfied));
  } else {
    const std::string satisfied = fmt::format("({})", check_.expected);
    figures.push_back(call_.Over("count(*)", judged.empty() ? satisfied : judged + " and " + satisfied));
  }
  return figures;
}

std::optional<RowCounts> RowQuery::Counts(const std::vector<Json>& figures) const {
  RowCounts counts = CountsWithoutProof(figures);
  const std::int64_t satisfied = Integer(figures.at(2));
  if (!check_.proof.empty() && satisfied != counts.judged) return std::nullopt;
  counts.unexpected = counts.judged - satisfied;
  return counts;
}

RowCounts RowQuery::CountsWithoutProof(const std::vector<Json>& figures) const {
  return {.elements = Integer(figures.at(0)), .judged = Integer(figures.at(1))};
}

std::string RowQuery::UnexpectedCountFigure() const {
  return "(select count(*) " + UnexpectedRows() + ")";
}

std::string RowQuery::SampleFigure(ResultFormat format) const {
  const int limit = format == ResultFormat::kComplete ? kUnexpectedListMax : kPartialUnexpectedMax;
  return fmt::format("(select to_json(list(smelt_value)) from (select {} as smelt_value {} limit {}))", ShownValue(),
                     UnexpectedRows(), limit);
}

std::string RowQuery::UnexpectedRowsSql() const {
  return "select * " + UnexpectedRows();
}

/// The rows that are judged, as a predicate; empty: all that the row_condition leaves.
std::string RowQuery::Judged() const {
  return check_.missing.empty() ? "" : fmt::format("not ({})", check_.missing);
}

std::string RowQuery::RowsThat(std::string_view test) const {
  const std::string tested = fmt::format("({}) {}", check_.expected, test);
  const std::string judged = Judged();
  if (check_.derived.empty()) return call_.From(judged.empty() ? tested : judged + " and " + tested);
  return fmt::format("from (select *, {} as {} {}) where {}", check_.derived, kDerived, call_.From(judged), tested);
}

std::string RowQuery::UnexpectedRows() const {
  return RowsThat("is not true");
}

std::string RowQuery::ShownValue() const {
  if (check_.shape == RowCheck::Shape::kValue) return JsonSql(check_.columns[0].sql, check_.columns[0].kind);
  std::string parts;
  for (const Column& column : check_.columns) {
    if (!parts.empty()) parts += ", ";
    if (check_.shape == RowCheck::Shape::kRecord) parts += engine::QuoteLiteral(column.name) + ", ";
    parts += JsonSql(column.sql, column.kind);
  }
  return (check_.shape == RowCheck::Shape::kRecord ? "json_object(" : "json_array(") + parts + ")";
}

bool MostlyHolds(const RowCounts& counts, double mostly) {
  if (counts.judged == 0) return true;
  const auto judged = static_cast<double>(counts.judged);
  return (judged - static_cast<double>(counts.unexpected)) / judged >= mostly;
}

Json RowResult(const RowCounts& counts, const Json& sample, bool tells_missing, ResultFormat format) {
  if (format == ResultFormat::kBooleanOnly) return Json::object();
  Json result = {{"element_count", counts.elements},
                 {"unexpected_count", counts.unexpected},
                 {"unexpected_percent", Percent(counts.unexpected, counts.judged)},
                 {"partial_unexpected_list", FirstOf(sample, kPartialUnexpectedMax)}};
  if (tells_missing) {
    result["missing_count"] = counts.missing();
    result["missing_percent"] = Percent(counts.missing(), counts.elements);
    result["unexpected_percent_total"] = Percent(counts.unexpected, counts.elements);
    result["unexpected_percent_nonmissing"] = Percent(counts.unexpected, counts.judged);
  }
  if (format == ResultFormat::kBasic) return result;
  result["partial_unexpected_counts"] = FirstOf(CountValues(sample), kPartialUnexpectedMax);
  if (format == ResultFormat::kComplete) result["unexpected_list"] = sample;
  return result;
}

}  // namespace smelt::quality
