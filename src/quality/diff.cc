#include "quality/diff.h"

#include <strings.h>

#include <algorithm>

#include <fmt/format.h>

#include "base/clock.h"
#include "quality/internal/column_pairs.h"
#include "quality/internal/figure_scan.h"

namespace smelt::quality {
namespace {

bool SameName(const std::string& a, const std::string& b) {
  return strcasecmp(a.c_str(), b.c_str()) == 0;
}

/// Whether two values of a pair differ, each side's by its name in the join.
std::string DiffersSql(const ColumnPair& pair, const std::string& a, const std::string& b, const Tolerance& tolerance) {
  std::string differs = fmt::format("{} is distinct from {}", a, b);
  if (!pair.numbers || tolerance.is_zero()) return differs;
  const std::string x = a + "::double";
  const std::string y = b + "::double";
  return fmt::format("({} and coalesce(abs({} - {}) > greatest({}, {} * greatest(abs({}), abs({}))), true))", differs,
                     x, y, tolerance.amount, tolerance.share, x, y);
}

std::string StructSql(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string sql;
  for (const auto& [name, value] : fields) {
    sql += fmt::format("{}{}: {}", sql.empty() ? "" : ", ", engine::QuoteLiteral(name), value);
  }
  return "{" + sql + "}";
}

FigureScan::Receiver Into(std::int64_t& target) {
  return [&target](const Json& value) { target = value.get<std::int64_t>(); };
}
FigureScan::Receiver Into(Json& target) {
  return [&target](const Json& value) {
    if (value.is_array()) target = value;
  };
}

/// Rows of one key side by side, and the figures of the differences.
class KeyedDiff {
 public:
  KeyedDiff(const DataSource& a, const DataSource& b, std::vector<ColumnPair> keys, std::vector<ColumnPair> values,
            const DiffOptions& options)
      : a_(a), b_(b), keys_(std::move(keys)), values_(std::move(values)), options_(options) {}

  Status Run(engine::Session& session, DataDiff& diff, std::stop_token stop) {
    SMELT_TRY(CountRepeated(session, diff, stop));
    numbered_ = diff.repeated_a > 0 || diff.repeated_b > 0;
    FigureScan scan;
    const std::string both = "here_a and here_b";
    scan.Ask("count(here_a)", Into(diff.rows_a));
    scan.Ask("count(here_b)", Into(diff.rows_b));
    scan.Ask("count_if(here_a is null)", Into(diff.added));
    scan.Ask("count_if(here_b is null)", Into(diff.removed));
    scan.Ask("count_if(differs)", Into(diff.changed));
    scan.Ask(fmt::format("count_if({} and not differs)", both), Into(diff.unchanged));
    AskRows(scan, "here_a is null", "b", diff.added_samples);
    AskRows(scan, "here_b is null", "a", diff.removed_samples);
    diff.columns.resize(values_.size());
    for (std::size_t i = 0; i < values_.size(); ++i) AskColumn(scan, i, diff.columns[i]);
    return scan.Run(session, JoinSql(), OnFailedFigure::kFail, std::move(stop));
  }

 private:
  Status CountRepeated(engine::Session& session, DataDiff& diff, const std::stop_token& stop) const {
    const auto count = [&](const DataSource& side, std::string ColumnPair::*sql, std::int64_t& repeated) {
      std::string keys;
      for (const ColumnPair& key : keys_) keys += (keys.empty() ? "" : ", ") + key.*sql;
      FigureScan scan;
      scan.Ask(fmt::format("count(*) - count(distinct hash({}))", keys), Into(repeated));
      return scan.Run(session, side.relation, OnFailedFigure::kFail, stop);
    };
    SMELT_TRY(count(a_, &ColumnPair::sql_a, diff.repeated_a));
    return count(b_, &ColumnPair::sql_b, diff.repeated_b);
  }

  /// One side with its columns under names of the join: k0, k1 … for the key, a0, a1 … or b0, b1 … for the values.
  std::string SideSql(const DataSource& side, std::string ColumnPair::*sql, std::string_view prefix) const {
    std::string list;
    std::string keys;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      list += fmt::format("{} as k{}, ", keys_[i].*sql, i);
      keys += (i == 0 ? "" : ", ") + keys_[i].*sql;
    }
    std::string values = keys;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      list += fmt::format("{} as {}{}, ", values_[i].*sql, prefix, i);
      values += ", " + values_[i].*sql;
    }
    if (numbered_) list += fmt::format("row_number() over (partition by {} order by hash({})) as nth, ", keys, values);
    return fmt::format("(select {}true as here_{} from {})", list, prefix, side.relation);
  }

  /// The relation of the figures: a row per key of either side.
  std::string JoinSql() const {
    std::string on;
    std::string list;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      on += fmt::format("{}a.k{} is not distinct from b.k{}", i == 0 ? "" : " and ", i, i);
      list += fmt::format("coalesce(a.k{0}, b.k{0}) as k{0}, ", i);
    }
    if (numbered_) on += " and a.nth = b.nth";
    std::string any;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const std::string differs =
          DiffersSql(values_[i], fmt::format("a{}", i), fmt::format("b{}", i), options_.tolerance);
      list += fmt::format("a{0}, b{0}, here_a and here_b and {1} as d{0}, ", i, differs);
      any += fmt::format("{}d{}", any.empty() ? "" : " or ", i);
    }
    const std::string join = fmt::format("{} a full join {} b on {}", SideSql(a_, &ColumnPair::sql_a, "a"),
                                         SideSql(b_, &ColumnPair::sql_b, "b"), on);
    return fmt::format("(select *, coalesce({}, false) as differs from (select {}here_a, here_b from {}))",
                       any.empty() ? "false" : any, list, join);
  }

  std::string KeyStruct() const {
    std::vector<std::pair<std::string, std::string>> fields;
    for (std::size_t i = 0; i < keys_.size(); ++i) fields.emplace_back(keys_[i].name, fmt::format("k{}", i));
    return StructSql(fields);
  }

  /// The first rows, by their keys, of those that fulfil a condition.
  std::string FirstSql(const std::string& what, std::string_view condition) const {
    std::string keys;
    for (std::size_t i = 0; i < keys_.size(); ++i) keys += fmt::format("{}k{}", i == 0 ? "" : ", ", i);
    return fmt::format("to_json(arg_min({}, row({}), {}) filter (where {}))", what, keys, options_.samples, condition);
  }

  void AskRows(FigureScan& scan, std::string_view condition, std::string_view side, Json& samples) const {
    if (options_.samples == 0) return;
    std::vector<std::pair<std::string, std::string>> fields;
    for (std::size_t i = 0; i < keys_.size(); ++i) fields.emplace_back(keys_[i].name, fmt::format("k{}", i));
    for (std::size_t i = 0; i < values_.size(); ++i) fields.emplace_back(values_[i].name, fmt::format("{}{}", side, i));
    scan.Ask(FirstSql(StructSql(fields), condition), Into(samples));
  }

  void AskColumn(FigureScan& scan, std::size_t index, ColumnDiff& column) const {
    column.name = values_[index].name;
    scan.Ask(fmt::format("count_if(d{})", index), Into(column.changed));
    if (options_.samples == 0) return;
    const std::string values =
        StructSql({{"key", KeyStruct()}, {"a", fmt::format("a{}", index)}, {"b", fmt::format("b{}", index)}});
    scan.Ask(FirstSql(values, fmt::format("d{}", index)), Into(column.samples));
  }

  const DataSource& a_;
  const DataSource& b_;
  std::vector<ColumnPair> keys_, values_;
  const DiffOptions& options_;
  bool numbered_ = false;  ///< keys repeat: rows of one key are told apart by their number
};

/// Whole rows without a key: how often each occurs on both sides.
Status DiffRows(engine::Session& session, const DataSource& a, const DataSource& b,
                const std::vector<ColumnPair>& pairs, const DiffOptions& options, DataDiff& diff,
                std::stop_token stop) {
  std::string on;
  std::string order;
  std::vector<std::pair<std::string, std::string>> fields;
  const auto side = [&](const DataSource& source, std::string ColumnPair::*sql, std::string_view count) {
    std::string list;
    for (std::size_t i = 0; i < pairs.size(); ++i) list += fmt::format("{} as c{}, ", pairs[i].*sql, i);
    return fmt::format("(select {}count(*) as {} from {} group by all)", list, count, source.relation);
  };
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    on += fmt::format("{}a.c{} is not distinct from b.c{}", i == 0 ? "" : " and ", i, i);
    order += fmt::format("{}coalesce(a.c{}, b.c{})", i == 0 ? "" : ", ", i, i);
    fields.emplace_back(pairs[i].name, fmt::format("coalesce(a.c{0}, b.c{0})", i));
  }
  const auto first = [&](std::string_view condition) {
    return fmt::format("to_json(arg_min({}, row({}), {}) filter (where {}))", StructSql(fields), order, options.samples,
                       condition);
  };
  FigureScan scan;
  const std::string more_b = "coalesce(nb, 0) > coalesce(na, 0)";
  const std::string more_a = "coalesce(na, 0) > coalesce(nb, 0)";
  scan.Ask("coalesce(sum(na), 0)::bigint", Into(diff.rows_a));
  scan.Ask("coalesce(sum(nb), 0)::bigint", Into(diff.rows_b));
  scan.Ask("coalesce(sum(greatest(coalesce(nb, 0) - coalesce(na, 0), 0)), 0)::bigint", Into(diff.added));
  scan.Ask("coalesce(sum(greatest(coalesce(na, 0) - coalesce(nb, 0), 0)), 0)::bigint", Into(diff.removed));
  scan.Ask("coalesce(sum(least(coalesce(na, 0), coalesce(nb, 0))), 0)::bigint", Into(diff.unchanged));
  if (options.samples > 0) {
    scan.Ask(first(more_b), Into(diff.added_samples));
    scan.Ask(first(more_a), Into(diff.removed_samples));
  }
  const std::string relation = fmt::format("{} a full join {} b on {}", side(a, &ColumnPair::sql_a, "na"),
                                           side(b, &ColumnPair::sql_b, "nb"), on);
  return scan.Run(session, relation, OnFailedFigure::kFail, std::move(stop));
}

/// What the sides do not have in common, but for columns that are not to be looked at.
SchemaDiff CompareSchemas(const ColumnPairs& pairs, const DiffOptions& options) {
  SchemaDiff schema;
  const auto wanted = [&](const std::string& name) {
    const auto is_it = [&](const std::string& other) { return SameName(name, other); };
    return std::ranges::none_of(options.ignored, is_it) &&
           (options.columns.empty() || std::ranges::any_of(options.columns, is_it));
  };
  for (const ColumnPair& pair : pairs.both) {
    if (pair.type_a != pair.type_b && wanted(pair.name))
      schema.columns.push_back({pair.name, pair.type_a, pair.type_b});
  }
  for (const LoneColumn& column : pairs.only_a) {
    if (wanted(column.name)) schema.columns.push_back({column.name, column.type, {}});
  }
  for (const LoneColumn& column : pairs.only_b) {
    if (wanted(column.name)) schema.columns.push_back({column.name, {}, column.type});
  }
  return schema;
}

}  // namespace

Result<DataDiff> Diff(engine::Session& session, const DataSource& a, const DataSource& b, const DiffOptions& options,
                      std::stop_token stop) {
  const std::stop_callback interrupt(stop, [&session] { session.Interrupt(); });
  const double started = MonotonicSeconds();
  const ColumnPairs pairs = PairColumns(a, b);
  SMELT_ASSIGN(std::vector<ColumnPair> values, SelectPairs(pairs, options.columns, options.ignored));
  DataDiff diff;
  diff.a = a.label;
  diff.b = b.label;
  diff.key = options.key;
  diff.schema = CompareSchemas(pairs, options);
  std::vector<ColumnPair> keys;
  for (const std::string& name : options.key) {
    SMELT_ASSIGN(ColumnPair key, FindPair(pairs, name));
    std::erase_if(values, [&](const ColumnPair& pair) { return SameName(pair.name, key.name); });
    keys.push_back(std::move(key));
  }
  if (keys.empty() && values.empty()) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("{} and {} have no column in common", a.label, b.label))
                    .Hint("name tables or files of the same kind"));
  }
  if (keys.empty()) {
    SMELT_TRY(DiffRows(session, a, b, values, options, diff, stop));
  } else {
    SMELT_TRY(KeyedDiff(a, b, std::move(keys), std::move(values), options).Run(session, diff, stop));
  }
  diff.seconds = MonotonicSeconds() - started;
  return diff;
}

Json DataDiff::ToJson() const {
  Json by_column = Json::array();
  for (const ColumnDiff& column : columns) {
    by_column.push_back({{"name", column.name}, {"changed", column.changed}, {"samples", column.samples}});
  }
  Json by_schema = Json::array();
  for (const SchemaDiff::Column& column : schema.columns) {
    by_schema.push_back({{"name", column.name},
                         {"a", column.type_a.empty() ? Json() : Json(column.type_a)},
                         {"b", column.type_b.empty() ? Json() : Json(column.type_b)}});
  }
  return {{"a", a},
          {"b", b},
          {"key", key},
          {"same", same()},
          {"rows",
           {{"a", rows_a},
            {"b", rows_b},
            {"added", added},
            {"removed", removed},
            {"changed", changed},
            {"unchanged", unchanged}}},
          {"repeated_keys", {{"a", repeated_a}, {"b", repeated_b}}},
          {"schema", std::move(by_schema)},
          {"columns", std::move(by_column)},
          {"added_samples", added_samples},
          {"removed_samples", removed_samples},
          {"seconds", seconds}};
}

}  // namespace smelt::quality
