#include "quality/reconcile.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/clock.h"
#include "quality/internal/column_pairs.h"
#include "quality/internal/figure_scan.h"

namespace smelt::quality {
namespace {

/// A figure to compute on both sides; the expression of each has the form that the other's has, too.
struct FigurePlan {
  std::string column, figure;
  std::string sql_a, sql_b;
  bool tolerant = false;  ///< the tolerance applies
};

/// Values as one hash compares them: numbers of different types as one type.
std::string HashSql(const ColumnPair& pair, const std::string& sql) {
  const bool cast = pair.type_a != pair.type_b;
  const std::string value = cast && pair.numbers ? sql + "::double" : cast && pair.temporal ? sql + "::timestamp" : sql;
  return fmt::format("coalesce(sum(hash({0})) filter (where {1} is not null), 0)", value, sql);
}

std::vector<FigurePlan> PlanFigures(const std::vector<ColumnPair>& pairs, const Tolerance& tolerance) {
  std::vector<FigurePlan> plans = {{"", "rows", "count(*)", "count(*)", true}};
  const auto add = [&](const ColumnPair& pair, const char* figure, const std::string& form, bool tolerant) {
    plans.push_back({pair.name, figure, fmt::format(fmt::runtime(form), pair.sql_a),
                     fmt::format(fmt::runtime(form), pair.sql_b), tolerant});
  };
  for (const ColumnPair& pair : pairs) {
    add(pair, "values", "count({})", true);
    if (pair.numbers) {
      const bool exact = !pair.type_a.starts_with("DOUBLE") && !pair.type_b.starts_with("DOUBLE") &&
                         !pair.type_a.starts_with("FLOAT") && !pair.type_b.starts_with("FLOAT");
      // Sums of binary fractions depend on their order: they are taken as exact decimals, or compared as if rounded.
      add(pair, "sum", exact ? "sum({})" : "round(fsum({}::double), 6)", true);
    }
    if (pair.numbers || pair.temporal) {
      // Moments of different types are written differently.
      const char* cast = pair.temporal && pair.type_a != pair.type_b ? "::timestamp" : "";
      add(pair, "min", fmt::format("min({{}}{})", cast), pair.numbers);
      add(pair, "max", fmt::format("max({{}}{})", cast), pair.numbers);
    }
    if (tolerance.is_zero()) {
      plans.push_back({pair.name, "hash", HashSql(pair, pair.sql_a), HashSql(pair, pair.sql_b), false});
    }
  }
  return plans;
}

std::optional<double> NumberOf(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  double number = 0;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), number);
  if (read.ec != std::errc() || read.ptr != text->data() + text->size()) return std::nullopt;
  return number;
}

/// "12.50" and "12.5" are one number; what is no number is compared as text.
bool Holds(const FigurePlan& plan, const ReconciledFigure& figure, const Tolerance& tolerance) {
  if (figure.source == figure.landed) return true;
  if (plan.figure == "hash" || !figure.source || !figure.landed) return false;
  const auto a = NumberOf(figure.source);
  const auto b = NumberOf(figure.landed);
  if (!a || !b) {
    // A date is the first instant of its day.
    const auto midnight = [](std::string text) {
      constexpr std::size_t kDateSize = 10;
      return text.size() == kDateSize ? text + " 00:00:00" : text;
    };
    return midnight(*figure.source) == midnight(*figure.landed);
  }
  return plan.tolerant ? tolerance.Covers(*a, *b) : *a == *b;
}

/// Texts that all can be read as the other side's type compare as values of it.
Status ReadTexts(engine::Session& session, const DataSource& source, const DataSource& landed,
                 std::vector<ColumnPair>& pairs, const std::stop_token& stop) {
  const auto is_text = [](const std::string& type) { return type == "VARCHAR"; };
  const auto read = [&](const DataSource& side, ColumnPair& pair, std::string ColumnPair::*sql, const std::string& type,
                        std::string ColumnPair::*other) -> Status {
    std::int64_t unread = 1;
    const std::string as_type = fmt::format("try_cast({} as {})", pair.*sql, type);
    FigureScan scan;
    scan.Ask(fmt::format("count({}) - count({})", pair.*sql, as_type),
             [&](const Json& value) { unread = value.get<std::int64_t>(); });
    SMELT_TRY(scan.Run(session, side.relation, OnFailedFigure::kLeaveOut, stop));
    if (unread > 0) return {};
    pair.*sql = as_type;
    pair.*other = engine::QuoteIdentifier(pair.name);
    pair.type_a = pair.type_b = type;
    pair.temporal = type == "DATE" || type.starts_with("TIMESTAMP");
    pair.numbers = !pair.temporal && type != "BOOLEAN" && type != "VARCHAR" && type != "UUID" && type != "TIME" &&
                   type != "BLOB" && type.find('[') == std::string::npos && type.find("STRUCT") == std::string::npos;
    return {};
  };
  for (ColumnPair& pair : pairs) {
    if (is_text(pair.type_a) == is_text(pair.type_b)) continue;
    if (is_text(pair.type_a)) {
      SMELT_TRY(read(source, pair, &ColumnPair::sql_a, std::string(pair.type_b), &ColumnPair::sql_b));
    } else {
      SMELT_TRY(read(landed, pair, &ColumnPair::sql_b, std::string(pair.type_a), &ColumnPair::sql_a));
    }
  }
  return {};
}

}  // namespace

bool Reconciliation::holds() const {
  return std::ranges::all_of(figures, &ReconciledFigure::holds);
}

Json Reconciliation::ToJson() const {
  Json list = Json::array();
  for (const ReconciledFigure& one : figures) {
    list.push_back({{"column", one.column.empty() ? Json() : Json(one.column)},
                    {"figure", one.figure},
                    {"source", one.source ? Json(*one.source) : Json()},
                    {"landed", one.landed ? Json(*one.landed) : Json()},
                    {"holds", one.holds}});
  }
  return {{"source", source},           {"landed", landed},           {"holds", holds()},  {"figures", std::move(list)},
          {"only_source", only_source}, {"only_landed", only_landed}, {"seconds", seconds}};
}

Result<Reconciliation> Reconcile(engine::Session& session, const DataSource& source, const DataSource& landed,
                                 const ReconcileOptions& options, std::stop_token stop) {
  const std::stop_callback interrupt(stop, [&session] { session.Interrupt(); });
  const double started = MonotonicSeconds();
  const ColumnPairs pairs = PairColumns(source, landed);
  SMELT_ASSIGN(std::vector<ColumnPair> compared, SelectPairs(pairs, options.columns, options.ignored));
  SMELT_TRY(ReadTexts(session, source, landed, compared, stop));
  Reconciliation result;
  result.source = source.label;
  result.landed = landed.label;
  for (const LoneColumn& column : pairs.only_a) result.only_source.push_back(column.name);
  for (const LoneColumn& column : pairs.only_b) result.only_landed.push_back(column.name);
  const std::vector<FigurePlan> plans = PlanFigures(compared, options.tolerance);
  result.figures.resize(plans.size());
  FigureScan scan_a;
  FigureScan scan_b;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    ReconciledFigure& figure = result.figures[i];
    figure.column = plans[i].column;
    figure.figure = plans[i].figure;
    const auto into = [](std::optional<std::string>& target) {
      return [&target](const Json& value) { target = value.is_string() ? value.get<std::string>() : JsonText(value); };
    };
    scan_a.Ask(fmt::format("to_json(({})::varchar)", plans[i].sql_a), into(figure.source));
    scan_b.Ask(fmt::format("to_json(({})::varchar)", plans[i].sql_b), into(figure.landed));
  }
  SMELT_TRY(scan_a.Run(session, source.relation, OnFailedFigure::kFail, stop));
  SMELT_TRY(scan_b.Run(session, landed.relation, OnFailedFigure::kFail, stop));
  for (std::size_t i = 0; i < plans.size(); ++i) {
    result.figures[i].holds = Holds(plans[i], result.figures[i], options.tolerance);
  }
  result.seconds = MonotonicSeconds() - started;
  return result;
}

}  // namespace smelt::quality
