#include "quality/internal/row_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "quality/internal/distinct_figures.h"
#include "quality/internal/failing_values.h"
#include "quality/internal/unexpected.h"

namespace smelt::quality {
namespace {

/// Beyond so many bits a row, a table of hashes is smaller.
constexpr std::int64_t kBitsPerRowMax = 64;
constexpr std::int64_t kBitsMin = 1 << 20;

Json Percent(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? Json(static_cast<double>(part) / static_cast<double>(whole) * 100) : Json();
}

std::int64_t Integer(const Json& figure) {
  return figure.is_number() ? figure.get<std::int64_t>() : 0;
}

}  // namespace

Status RowQuery::TestValues(engine::Session& session, std::size_t number) {
  const std::string text = "CAST(" + check_.columns[0].sql + " AS VARCHAR)";
  FailingValues failing(check_.value_test);
  SMELT_TRY(session.Stream(fmt::format("select distinct {} {}", text, call_.From(Judged())), failing));
  const std::string table = fmt::format("smelt_failing_{}", number);
  session.Offer(table, failing);
  const Status kept = session.Execute(
      fmt::format("create or replace temporary table {0} as select value from smelt_rows('{0}')", table));
  session.Withdraw(table);
  check_.derived = fmt::format("{} in (select value from {})", text, table);
  check_.expected = fmt::format("not {}", kDerived);
  return kept;
}

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
    for (const Column& key : check_.keys) {
      figures.push_back(call_.Over("count(" + key.sql + ")"));
      for (std::string& end : SpanFigures(call_, key)) figures.push_back(std::move(end));
    }
  } else if (!check_.derived.empty()) {
    figures.push_back("(select count(*) " + RowsThat("is true", false) + ")");
  } else if (!check_.satisfied.empty()) {
    figures.push_back(call_.Over(check_.satisfied));
  } else {
    const std::string satisfied = fmt::format("({})", check_.expected);
    figures.push_back(call_.Over("count(*)", judged.empty() ? satisfied : judged + " and " + satisfied));
  }
  return figures;
}

RowCounts RowQuery::Counts(const std::vector<Json>& figures) const {
  RowCounts counts{.elements = Integer(figures.at(0)), .judged = Integer(figures.at(1))};
  if (!NeedsProof()) counts.unexpected = counts.judged - Integer(figures.at(2));
  return counts;
}

std::optional<RowQuery::KeyProof> RowQuery::ProofByKey(const std::vector<Json>& figures) const {
  for (std::size_t i = 0; i < check_.keys.size(); ++i) {
    const std::size_t place = 2 + 3 * i;
    const std::int64_t values = Integer(figures.at(place));
    // Among several columns, a row without the key could equal another.
    if (values == 0 || (!KeyDecides() && values != Integer(figures.at(0)))) continue;
    const auto span = SpanOf(figures.at(place + 1), figures.at(place + 2));
    if (!span || *span < values || *span > std::max(kBitsMin, values * kBitsPerRowMax)) continue;
    if (auto figure = CountWithBits(call_, check_.keys[i], figures[place + 1], figures[place + 2])) {
      return KeyProof{*std::move(figure), values};
    }
  }
  return std::nullopt;
}

bool RowQuery::KeysCollide(const std::vector<Json>& figures) const {
  if (!KeyDecides() || check_.keys.empty()) return false;
  const auto span = SpanOf(figures.at(3), figures.at(4));
  return span && *span < Integer(figures.at(1));
}

std::string RowQuery::ProofFigure() const {
  return call_.Over(check_.proof, Judged());
}

bool RowQuery::GrowsByKeys() const {
  // Equality within lists and structures has rules of its own.
  const auto is_plain = [](const Column& column) {
    return column.kind != engine::TypeKind::kNested && column.kind != engine::TypeKind::kOther;
  };
  return NeedsProof() && std::ranges::all_of(check_.columns, is_plain);
}

std::string RowQuery::AddedKeysFigure(const Call& whole, std::int64_t judged) const {
  std::string keys, names, complete;
  for (const Column& column : check_.columns) {
    const std::string name = fmt::format("k{}", &column - check_.columns.data());
    const std::string_view comma = keys.empty() ? "" : ", ";
    keys += fmt::format("{}{} as {}", comma, column.sql, name);
    names += fmt::format("{}{}", comma, name);
    complete += fmt::format("{}{} is not null", complete.empty() ? "" : " and ", column.sql);
  }
  const std::string here = fmt::format("select {} {}", keys, call_.From(complete));
  // A key with a missing value equals nothing: such rows are not among the different ones, which are too few then.
  return fmt::format(
      "(select case when (select count(*) from (select distinct {1} from ({2}))) = {3} then (select count(*) from "
      "(select "
      "{0} {4}) semi join ({2}) using ({1})) else -1 end)",
      keys, names, here, judged, whole.From(Judged()));
}

std::string RowQuery::UnexpectedCountFigure() const {
  return "(select count(*) " + UnexpectedRows(false) + ")";
}

std::string RowQuery::SampleFigure(const ResultOptions& options) const {
  return fmt::format("(select to_json(list(smelt_row)) from (select {} as smelt_row {} limit {}))",
                     UnexpectedRowSql(check_, call_.frame(), options),
                     UnexpectedRows(TellsWhere(call_.frame(), options)), UnexpectedRowsWanted(options));
}

std::string RowQuery::UnexpectedRowsSql() const {
  return "select * " + UnexpectedRows(false);
}

/// The rows that are judged, as a predicate; empty: all that the row_condition leaves.
std::string RowQuery::Judged() const {
  return check_.missing.empty() ? "" : fmt::format("not ({})", check_.missing);
}

std::string RowQuery::RowsThat(std::string_view test, bool numbered) const {
  const std::string tested = fmt::format("({}) {}", check_.expected, test);
  const std::string judged = Judged();
  const auto from = [&](const std::string& where) { return numbered ? call_.FromNumbered(where) : call_.From(where); };
  if (check_.derived.empty()) return from(judged.empty() ? tested : judged + " and " + tested);
  return fmt::format("from (select *, {} as {} {}) where {}", check_.derived, kDerived, from(judged), tested);
}

std::string RowQuery::UnexpectedRows(bool numbered) const {
  return RowsThat("is not true", numbered);
}

bool MostlyHolds(const RowCounts& counts, double mostly) {
  if (counts.judged == 0) return true;
  const auto judged = static_cast<double>(counts.judged);
  return (judged - static_cast<double>(counts.unexpected)) / judged >= mostly;
}

Json RowResult(const RowCounts& counts, bool tells_missing) {
  Json result = {{"element_count", counts.elements},
                 {"unexpected_count", counts.unexpected},
                 {"unexpected_percent", Percent(counts.unexpected, counts.judged)}};
  if (tells_missing) {
    result["missing_count"] = counts.missing();
    result["missing_percent"] = Percent(counts.missing(), counts.elements);
    result["unexpected_percent_total"] = Percent(counts.unexpected, counts.elements);
    result["unexpected_percent_nonmissing"] = Percent(counts.unexpected, counts.judged);
  }
  return result;
}

}  // namespace smelt::quality
