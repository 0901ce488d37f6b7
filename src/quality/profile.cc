#include "quality/profile.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <map>

#include <fmt/format.h>

#include "base/clock.h"
#include "quality/internal/figure_scan.h"
#include "quality/internal/personal_data.h"
#include "quality/internal/value_shape.h"

namespace smelt::quality {
namespace {

/// Columns with fewer values than this get all of them counted.
constexpr std::int64_t kFewValues = 100;
constexpr int kTopValues = 10;
constexpr int kBins = 20;
/// Distinct values whose formats are looked at, about.
constexpr std::int64_t kSampleValues = 2'000;
constexpr int kSampleCharacters = 200;
/// Columns that are looked into for keys, and pairs of them.
constexpr std::size_t kKeyColumnsMax = 12;
constexpr std::size_t kKeyPairsMax = 10;
constexpr std::size_t kCorrelatedMax = 16;
constexpr double kCorrelationMin = 0.5;
/// A column whose estimated number of values is this share of the rows may be a key. The estimate is off by 13 % in the
/// mean: with a higher share, one key in five would be missed.
constexpr double kKeyShare = 0.6;
/// From here on a column is so likely a key that pairs are not worth their scan.
constexpr double kLikelyKeyShare = 0.9;
/// Greater numbers overflow when squared.
constexpr std::string_view kGreatest = "1e150";

/// The column as a number to calculate with, NULL where it is none: seconds for times.
std::string NumberSql(const ColumnProfile& column, const std::string& sql) {
  if (column.is_temporal()) return fmt::format("(case when isfinite({0}) then epoch({0}) end)", sql);
  if (column.kind != engine::TypeKind::kFloat) return fmt::format("{}::double", sql);
  return fmt::format("(case when abs({0}::double) < {1} then {0}::double end)", sql, kGreatest);
}

std::string ListSql(const std::vector<double>& numbers) {
  std::string sql;
  for (const double number : numbers) sql += fmt::format("{}{}::double", sql.empty() ? "" : ", ", number);
  return "[" + sql + "]";
}

bool HasOrder(const ColumnProfile& column) {
  return column.kind != engine::TypeKind::kNested && column.kind != engine::TypeKind::kBinary;
}

FigureScan::Receiver Into(std::int64_t& target) {
  return [&target](const Json& value) {
    if (value.is_number()) target = value.get<std::int64_t>();
  };
}
template <typename T>
FigureScan::Receiver Into(std::optional<T>& target) {
  return [&target](const Json& value) {
    if constexpr (std::is_same_v<T, std::string>) {
      target = value.is_string() ? value.get<std::string>() : JsonText(value);
    } else {
      if (value.is_number()) target = value.get<T>();
    }
  };
}

/// The profile in the making: what the first pass finds decides what the second looks for.
class Profiler {
 public:
  Profiler(const DataSource& source, TableProfile& profile) : source_(source), profile_(profile) {
    for (const engine::ResultColumn& column : source.columns) {
      ColumnProfile& one = profile_.columns.emplace_back();
      one.name = column.name;
      one.type = column.type;
      one.kind = column.kind;
    }
    values_.resize(profile_.columns.size());
    candidates_.resize(profile_.columns.size());
  }

  Status Run(engine::Session& session, std::stop_token stop) {
    FigureScan first;
    first.Ask("count(*)", Into(profile_.rows));
    for (std::size_t i = 0; i < profile_.columns.size(); ++i) AskFigures(first, i);
    SMELT_TRY(first.Run(session, source_.relation, OnFailedFigure::kLeaveOut, stop));
    for (ColumnProfile& column : profile_.columns) {
      column.nulls = profile_.rows - column.nulls;  // the count of values until now
      column.distinct = std::min(column.distinct, ValuesOf(column));
    }
    FigureScan second;
    for (std::size_t i = 0; i < profile_.columns.size(); ++i) AskValues(second, i);
    AskKeys(second);
    AskCorrelations(second);
    SMELT_TRY(second.Run(session, source_.relation, OnFailedFigure::kLeaveOut, stop));
    for (std::size_t i = 0; i < profile_.columns.size(); ++i) Conclude(i);
    std::ranges::stable_sort(profile_.correlations, std::greater<>(),
                             [](const Correlation& one) { return std::abs(one.coefficient); });
    return {};
  }

 private:
  std::int64_t ValuesOf(const ColumnProfile& column) const { return profile_.rows - column.nulls; }

  void AskFigures(FigureScan& scan, std::size_t index) {
    ColumnProfile& column = profile_.columns[index];
    const std::string sql = engine::QuoteIdentifier(column.name);
    scan.NextGroup();
    scan.Ask(fmt::format("count({})", sql), Into(column.nulls));
    scan.NextGroup();
    scan.Ask(fmt::format("approx_count_distinct({})", sql), Into(column.distinct));
    scan.NextGroup();
    if (HasOrder(column)) {
      scan.Ask(fmt::format("to_json(min({})::varchar)", sql), Into(column.min));
      scan.Ask(fmt::format("to_json(max({})::varchar)", sql), Into(column.max));
      scan.Ask(fmt::format("to_json(approx_top_k({}, {})::varchar[])", sql, kTopValues),
               [this, index](const Json& list) {
                 for (const Json& value : list)
                   if (value.is_string() && !value.get_ref<const std::string&>().empty())
                     candidates_[index].push_back(value.get<std::string>());
               });
    }
    if (column.is_number() || column.is_temporal()) AskNumbers(scan, column, sql);
    if (column.kind == engine::TypeKind::kText) AskLengths(scan, column, sql);
    if (column.kind == engine::TypeKind::kBoolean) scan.Ask(fmt::format("avg({}::int)", sql), Into(column.mean));
  }

  static void AskNumbers(FigureScan& scan, ColumnProfile& column, const std::string& sql) {
    scan.NextGroup();
    const std::string number = NumberSql(column, sql);
    scan.Ask(fmt::format("min({})", number), Into(column.lowest));
    scan.Ask(fmt::format("max({})", number), Into(column.greatest));
    scan.Ask(fmt::format("avg({})", number), Into(column.mean));
    scan.Ask(fmt::format("stddev_samp({})", number), Into(column.stddev));
    scan.Ask(fmt::format("to_json(approx_quantile({}, {}::float[]))", number,
                         ListSql({kProfileQuantiles.begin(), kProfileQuantiles.end()})),
             [&column](const Json& list) {
               for (const Json& value : list)
                 if (value.is_number()) column.quantiles.push_back(value.get<double>());
             });
    scan.Ask(fmt::format("count_if({} is null and {} is not null)", number, sql), Into(column.not_finite));
    if (!column.is_number()) return;
    scan.Ask(fmt::format("count_if({} = 0)", sql), Into(column.zeros));
    scan.Ask(fmt::format("count_if({} < 0)", sql), Into(column.negatives));
  }

  static void AskLengths(FigureScan& scan, ColumnProfile& column, const std::string& sql) {
    scan.NextGroup();
    scan.Ask(fmt::format("min(length({}))", sql), Into(column.length_min));
    scan.Ask(fmt::format("max(length({}))", sql), Into(column.length_max));
    scan.Ask(fmt::format("avg(length({}))", sql), Into(column.length_mean));
    scan.Ask(fmt::format("count_if(trim({}) = '')", sql), Into(column.blank));
    scan.Ask(fmt::format("count_if(starts_with({0}, ' ') or ends_with({0}, ' '))", sql), Into(column.untrimmed));
  }

  void AskValues(FigureScan& scan, std::size_t index) {
    ColumnProfile& column = profile_.columns[index];
    const std::string sql = engine::QuoteIdentifier(column.name);
    scan.NextGroup();
    column.distinct_exact = column.distinct == 0;  // an estimate of none is no estimate
    if (!HasOrder(column) || column.distinct == 0) return;
    const bool few = column.distinct <= kFewValues;
    const std::string counts = few ? fmt::format("histogram({}::varchar)", sql)
                                   : fmt::format("histogram_exact({}::varchar, {})", sql, TextList(candidates_[index]));
    if (few || !candidates_[index].empty()) {
      scan.Ask(fmt::format("to_json(map_entries({}))", counts),
               [this, index, few](const Json& entries) { TakeCounts(index, entries, few); });
    }
    if (column.distinct > kBins) AskHistogram(scan, column, NumberSql(column, sql));
    const bool has_format = column.kind == engine::TypeKind::kText || column.kind == engine::TypeKind::kInteger;
    if (few || !has_format) return;
    const std::int64_t share = std::max<std::int64_t>(1, column.distinct / kSampleValues);
    scan.Ask(
        fmt::format(
            "to_json(list(distinct left({0}::varchar, {1})) filter (where {0} is not null and hash({0}) % {2} = 0))",
            sql, kSampleCharacters, share),
        [this, index](const Json& list) {
          for (const Json& value : list)
            values_[index].push_back(value.is_string() ? value.get<std::string>() : JsonText(value));
        });
  }

  static std::string TextList(const std::vector<std::string>& texts) {
    std::string sql;
    for (const std::string& text : texts) sql += (sql.empty() ? "" : ", ") + engine::QuoteLiteral(text);
    return "[" + sql + "]";
  }

  void TakeCounts(std::size_t index, const Json& entries, bool all) {
    ColumnProfile& column = profile_.columns[index];
    const std::vector<std::string>& wanted = candidates_[index];
    for (const Json& entry : entries) {
      const std::string value = entry["key"].is_string() ? entry["key"].get<std::string>() : JsonText(entry["key"]);
      // histogram_exact counts everything else, too, under a key of its own.
      if (!all && std::ranges::find(wanted, value) == wanted.end()) continue;
      column.top.push_back({value, entry["value"].get<std::int64_t>()});
      if (all) values_[index].push_back(value);
    }
    std::ranges::stable_sort(column.top, std::greater<>(), &ValueCount::count);
    if (!all) return;
    column.distinct = std::ssize(column.top);
    column.distinct_exact = true;
    column.top_is_all = true;
  }

  /// Bins of one width over the values. Where the extremes lie far out, the first and the last bin reach to them, and
  /// the others share what is between.
  static void AskHistogram(FigureScan& scan, ColumnProfile& column, const std::string& number) {
    constexpr double kFarOut = 4;
    if (!column.lowest || !column.greatest || column.quantiles.empty()) return;
    double low = *column.lowest;
    double high = *column.greatest;
    const double between = column.quantiles.back() - column.quantiles.front();
    if (between > 0 && high - low > kFarOut * between) {
      low = column.quantiles.front();
      high = column.quantiles.back();
    }
    const double width = (high - low) / kBins;
    if (!(width > 0)) return;
    std::vector<double> bounds;
    for (int i = 1; i < kBins; ++i) bounds.push_back(low + width * i);
    bounds.push_back(*column.greatest);
    scan.NextGroup();
    scan.Ask(fmt::format("to_json(map_values(histogram({}, {})))", number, ListSql(bounds)),
             [&column, bounds](const Json& counts) {
               double from = *column.lowest;
               for (std::size_t i = 0; i < std::min(bounds.size(), counts.size()); ++i) {
                 column.histogram.push_back({from, bounds[i], counts[i].get<std::int64_t>()});
                 from = bounds[i];
               }
             });
  }

  bool MayBeInKey(const ColumnProfile& column) const {
    const bool fit = HasOrder(column) && column.kind != engine::TypeKind::kFloat &&
                     column.kind != engine::TypeKind::kBoolean && column.kind != engine::TypeKind::kOther;
    return fit && column.nulls == 0 && column.distinct > 1;
  }

  /// Counts the distinct hashes: as many as rows is proof. Pairs are tried when no column can be a key by itself.
  void AskKeys(FigureScan& scan) {
    const double rows = static_cast<double>(profile_.rows);
    std::vector<std::size_t> fit;
    std::size_t asked = 0;
    bool likely = false;
    for (std::size_t i = 0; i < profile_.columns.size(); ++i) {
      ColumnProfile& column = profile_.columns[i];
      if (!MayBeInKey(column)) continue;
      fit.push_back(i);
      if (static_cast<double>(column.distinct) < kKeyShare * rows || asked == kKeyColumnsMax) continue;
      ++asked;
      likely = likely || static_cast<double>(column.distinct) >= kLikelyKeyShare * rows;
      AskKey(scan, {column.name});
    }
    if (!likely) AskPairs(scan, fit);
  }

  /// Columns at the left are keys more often than others.
  void AskPairs(FigureScan& scan, const std::vector<std::size_t>& fit) {
    std::size_t asked = 0;
    const double rows = static_cast<double>(profile_.rows);
    for (std::size_t second = 1; second < fit.size(); ++second) {
      for (std::size_t first = 0; first < second && asked < kKeyPairsMax; ++first) {
        const ColumnProfile& a = profile_.columns[fit[first]];
        const ColumnProfile& b = profile_.columns[fit[second]];
        if (static_cast<double>(a.distinct) * static_cast<double>(b.distinct) < rows) continue;
        ++asked;
        AskKey(scan, {a.name, b.name});
      }
    }
  }

  void AskKey(FigureScan& scan, std::vector<std::string> names) {
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : ", ") + engine::QuoteIdentifier(name);
    scan.NextGroup();
    scan.Ask(fmt::format("count(distinct hash({}))", list), [this, names = std::move(names)](const Json& value) {
      const auto count = value.get<std::int64_t>();
      const bool is_key = count == profile_.rows;
      // With a key in it, any pair is one, and tells nothing.
      const auto is_member = [&](const ColumnProfile& one) {
        return std::ranges::find(names, one.name) != names.end();
      };
      if (names.size() > 1 && std::ranges::any_of(profile_.columns, [&](const ColumnProfile& one) {
            return one.unique && is_member(one);
          })) {
        return;
      }
      if (is_key) profile_.keys.push_back(names);
      if (names.size() > 1) return;
      ColumnProfile& column = *std::ranges::find(profile_.columns, names.front(), &ColumnProfile::name);
      column.distinct = count;
      column.distinct_exact = true;
      column.unique = is_key;
    });
  }

  void AskCorrelations(FigureScan& scan) {
    std::vector<const ColumnProfile*> numbers;
    for (const ColumnProfile& column : profile_.columns) {
      if (column.is_number() && column.distinct > 2 && numbers.size() < kCorrelatedMax) numbers.push_back(&column);
    }
    profile_.correlated_columns = std::ssize(numbers);
    scan.NextGroup();
    for (std::size_t second = 1; second < numbers.size(); ++second) {
      for (std::size_t first = 0; first < second; ++first) {
        const std::string& a = numbers[first]->name;
        const std::string& b = numbers[second]->name;
        scan.Ask(fmt::format("corr({}, {})", NumberSql(*numbers[first], engine::QuoteIdentifier(a)),
                             NumberSql(*numbers[second], engine::QuoteIdentifier(b))),
                 [this, a, b](const Json& value) {
                   if (!value.is_number() || std::abs(value.get<double>()) < kCorrelationMin) return;
                   profile_.correlations.push_back({a, b, value.get<double>()});
                 });
      }
    }
  }

  /// What the values looked at tell, once all is counted.
  void Conclude(std::size_t index) {
    ColumnProfile& column = profile_.columns[index];
    if (column.top_is_all && column.distinct == profile_.rows && column.nulls == 0 && profile_.rows > 1) {
      column.unique = true;
    }
    if (column.top_is_all && column.histogram.empty()) column.histogram = BinsOf(column);
    if (column.kind == engine::TypeKind::kText) FindPatterns(column, values_[index]);
    const bool can_tell = column.kind == engine::TypeKind::kText || column.kind == engine::TypeKind::kInteger;
    column.personal = FindPersonalData(column.name, can_tell ? values_[index] : std::vector<std::string>());
  }

  /// A bin for each value of a column of few numbers.
  static std::vector<HistogramBin> BinsOf(const ColumnProfile& column) {
    std::vector<HistogramBin> bins;
    if (!column.is_number()) return bins;
    for (const ValueCount& one : column.top) {
      double value = 0;
      const auto read = std::from_chars(one.value.data(), one.value.data() + one.value.size(), value);
      if (read.ec == std::errc() && std::isfinite(value)) bins.push_back({value, value, one.count});
    }
    std::ranges::sort(bins, {}, &HistogramBin::from);
    return bins;
  }

  /// Exact shapes where a few cover most of the values, else those that leave out how long runs are.
  static void FindPatterns(ColumnProfile& column, const std::vector<std::string>& values) {
    constexpr std::size_t kShapesMax = 12;
    constexpr std::size_t kPatternsMax = 8;
    column.pattern_values = std::ssize(values);
    std::map<std::string, std::int64_t> exact;
    std::map<std::string, std::int64_t> loose;
    for (const std::string& value : values) {
      const std::string_view format = NamedFormat(value);
      ++exact[format.empty() ? ShapeOf(value) : std::string(format)];
      ++loose[format.empty() ? LooseShapeOf(value) : std::string(format)];
    }
    for (const auto& [pattern, count] : exact.size() <= kShapesMax ? exact : loose) {
      column.patterns.push_back({pattern, count});
    }
    std::ranges::stable_sort(column.patterns, std::greater<>(), &ValueCount::count);
    if (column.patterns.size() > kPatternsMax) column.patterns.resize(kPatternsMax);
  }

  const DataSource& source_;
  TableProfile& profile_;
  std::vector<std::vector<std::string>> values_;      ///< distinct values of each column, for formats
  std::vector<std::vector<std::string>> candidates_;  ///< values of each column that may be the most frequent
};

}  // namespace

Result<TableProfile> Profile(engine::Session& session, const DataSource& source, std::stop_token stop) {
  const std::stop_callback interrupt(stop, [&session] { session.Interrupt(); });
  const double started = MonotonicSeconds();
  TableProfile profile;
  profile.label = source.label;
  profile.table = source.table;
  profile.version = source.version;
  profile.profiled_at_us = NowMicros();
  SMELT_TRY(Profiler(source, profile).Run(session, stop));
  profile.seconds = MonotonicSeconds() - started;
  return profile;
}

}  // namespace smelt::quality
