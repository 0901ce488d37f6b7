#include "quality/internal/row_check.h"

#include <fmt/format.h>

#include "quality/internal/literal.h"
#include "quality/internal/multicolumn.h"

namespace smelt::quality {
namespace {

Json Percent(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? Json(static_cast<double>(part) / static_cast<double>(whole) * 100) : Json();
}

std::int64_t Integer(const Json& figure) { return figure.is_number() ? figure.get<std::int64_t>() : 0; }

Json First(const Json& list, int count) {
  if (!list.is_array() || list.size() <= static_cast<std::size_t>(count)) return list;
  return Json(std::vector<Json>(list.begin(), list.begin() + count));
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

FigureRequest RowQuery::SampleFigures(ResultFormat format) const {
  FigureRequest figures = {"(select count(*) " + UnexpectedRows() + ")"};
  if (format == ResultFormat::kBooleanOnly) return figures;
  figures.push_back(ListFigure(format == ResultFormat::kComplete ? kUnexpectedListMax : kPartialUnexpectedMax));
  if (format != ResultFormat::kBasic) figures.push_back(CountsFigure());
  return figures;
}

std::string RowQuery::UnexpectedRowsSql() const { return "select * " + UnexpectedRows(); }

/// The rows that are judged, as a predicate; empty: all that the row_condition leaves.
std::string RowQuery::Judged() const { return check_.missing.empty() ? "" : fmt::format("not ({})", check_.missing); }

std::string RowQuery::RowsThat(std::string_view test) const {
  const std::string tested = fmt::format("({}) {}", check_.expected, test);
  const std::string judged = Judged();
  if (check_.derived.empty()) return call_.From(judged.empty() ? tested : judged + " and " + tested);
  return fmt::format("from (select *, {} as {} {}) where {}", check_.derived, kDerived, call_.From(judged), tested);
}

std::string RowQuery::UnexpectedRows() const { return RowsThat("is not true"); }

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

std::string RowQuery::ListFigure(int limit) const {
  return fmt::format("(select to_json(list(smelt_value)) from (select {} as smelt_value {} limit {}))", ShownValue(),
                     UnexpectedRows(), limit);
}

/// The most frequent unexpected values, each with its count. Records are told as lists here, as in Great Expectations.
std::string RowQuery::CountsFigure() const {
  const std::string columns = JoinSql(check_.columns);
  RowQuery as_list(check_, call_);
  if (check_.shape == RowCheck::Shape::kRecord) as_list.check_.shape = RowCheck::Shape::kList;
  return fmt::format(
      "(select to_json(list(json_object('value', {0}, 'count', smelt_count) order by smelt_count desc, {1})) "
      "from (select {1}, count(*) as smelt_count {2} group by {1} order by smelt_count desc, {1} limit {3}))",
      as_list.ShownValue(), columns, UnexpectedRows(), kPartialUnexpectedMax);
}

RowSample ReadSample(const std::vector<Json>& figures) {
  RowSample sample{.unexpected = Integer(figures.at(0))};
  if (figures.size() > 1 && figures[1].is_array()) sample.list = figures[1];
  if (figures.size() > 2 && figures[2].is_array()) sample.counts = figures[2];
  return sample;
}

bool MostlyHolds(const RowCounts& counts, double mostly) {
  if (counts.judged == 0) return true;
  const auto judged = static_cast<double>(counts.judged);
  return (judged - static_cast<double>(counts.unexpected)) / judged >= mostly;
}

Json RowResult(const RowCounts& counts, const RowSample& sample, bool tells_missing, ResultFormat format) {
  if (format == ResultFormat::kBooleanOnly) return Json::object();
  Json result = {{"element_count", counts.elements},
                 {"unexpected_count", counts.unexpected},
                 {"unexpected_percent", Percent(counts.unexpected, counts.judged)},
                 {"partial_unexpected_list", First(sample.list, kPartialUnexpectedMax)}};
  if (tells_missing) {
    result["missing_count"] = counts.missing();
    result["missing_percent"] = Percent(counts.missing(), counts.elements);
    result["unexpected_percent_total"] = Percent(counts.unexpected, counts.elements);
    result["unexpected_percent_nonmissing"] = Percent(counts.unexpected, counts.judged);
  }
  if (format == ResultFormat::kBasic) return result;
  result["partial_unexpected_counts"] = sample.counts;
  if (format == ResultFormat::kComplete) result["unexpected_list"] = sample.list;
  return result;
}

}  // namespace smelt::quality
