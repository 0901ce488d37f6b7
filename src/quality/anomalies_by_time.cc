#include "quality/anomalies.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <strings.h>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/config.h"
#include "quality/internal/literal.h"
#include "quality/internal/metric_series.h"

namespace smelt::quality {
namespace {

constexpr std::array<std::string_view, 4> kUnits = {"hour", "day", "week", "month"};
/// Columns of more texts have no mix.
constexpr std::int64_t kCategoriesMax = 50;

bool IsNumber(const engine::ResultColumn& column) {
  return column.kind == engine::TypeKind::kInteger || column.kind == engine::TypeKind::kDecimal ||
         column.kind == engine::TypeKind::kFloat;
}

/// Finds the column of times. Errors: kUsage.
Result<engine::ResultColumn> TimeColumn(const DataSource& source, const std::string& name) {
  std::vector<std::string_view> times;
  for (const engine::ResultColumn& column : source.columns) {
    const bool is_time = column.kind == engine::TypeKind::kDate || column.kind == engine::TypeKind::kTimestamp;
    if (is_time) times.push_back(column.name);
    if (strcasecmp(column.name.c_str(), name.c_str()) != 0) continue;
    if (is_time) return column;
    return Fail(Error(ErrorCode::kUsage, fmt::format("{}.{} holds no times: it is {}", source.label, name, column.type))
                    .Hint(times.empty() ? "name a column of dates or timestamps"
                                        : "columns of times: " + fmt::format("{}", fmt::join(times, ", "))));
  }
  const std::string nearest = NearestWord(name, times);
  return Fail(Error(ErrorCode::kUsage, fmt::format("{} has no column \"{}\"", source.label, name))
                  .Hint(!nearest.empty() ? fmt::format("did you mean \"{}\"?", nearest)
                        : times.empty()  ? "it has no column of times"
                                         : fmt::format("columns of times: {}", fmt::join(times, ", "))));
}

/// How people call a bucket.
std::string BucketName(std::int64_t at_us, std::string_view unit) {
  constexpr std::size_t kHour = 16;
  constexpr std::size_t kDay = 10;
  constexpr std::size_t kMonth = 7;
  std::string text = FormatUtcMicros(at_us);
  text.replace(text.find('T'), 1, " ");
  return text.substr(0, unit == "hour" ? kHour : unit == "month" ? kMonth : kDay);
}

/// What is computed of each bucket, and the series that it becomes.
class BucketQuery {
 public:
  BucketQuery(const DataSource& source, const TimeBuckets& buckets, const engine::ResultColumn& time,
              const AnomalyOptions& options)
      : source_(source), unit_(buckets.unit), options_(options) {
    for (const engine::ResultColumn& column : source.columns) {
      if (column.name != time.name && options.Wants(column.name)) columns_.push_back(column);
    }
    const std::string at = engine::QuoteIdentifier(time.name);
    // Whole days, weeks and months of every time zone: as the clock of the session reads.
    bucket_ = fmt::format("date_trunc('{}', {}::timestamp)", unit_, at);
    where_ = fmt::format("{0} is not null and isfinite({0})", at);
  }

  Status Run(engine::Session& session) {
    SMELT_TRY(FindCategories(session));
    std::string list;
    for (const engine::ResultColumn& column : columns_) {
      const std::string sql = engine::QuoteIdentifier(column.name);
      list += fmt::format(", count({})", sql);
      if (IsNumber(column)) {
        const std::string number = fmt::format("case when abs({0}::double) < 1e150 then {0}::double end", sql);
        list += fmt::format(", avg({0}), stddev_samp({0})", number);
      } else if (column.kind == engine::TypeKind::kBoolean) {
        list += fmt::format(", avg({}::int)", sql);
      }
      if (IsCategory(column.name)) list += fmt::format(", to_json(map_entries(histogram({})))", sql);
    }
    SMELT_ASSIGN(rows_,
                 session.Query(fmt::format(
                     "select epoch_us({0}) as bucket, epoch_us({0} + interval 1 {1}), count(*){2} from {3} where {4} "
                     "group by {0} order by bucket",
                     bucket_, unit_, list, source_.relation, where_)));
    MakeSeries();
    return {};
  }

  const std::vector<MetricSeries>& series() const { return series_; }
  const std::vector<MixSeries>& mixes() const { return mixes_; }

 private:
  bool IsCategory(const std::string& name) const { return std::ranges::find(categories_, name) != categories_.end(); }

  Status FindCategories(engine::Session& session) {
    std::string list;
    std::vector<std::string> texts;
    for (const engine::ResultColumn& column : columns_) {
      if (column.kind != engine::TypeKind::kText) continue;
      list +=
          fmt::format("{}approx_count_distinct({})", list.empty() ? "" : ", ", engine::QuoteIdentifier(column.name));
      texts.push_back(column.name);
    }
    if (texts.empty()) return {};
    SMELT_ASSIGN(const engine::ResultTable counts, session.Query("select " + list + " from " + source_.relation));
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const std::int64_t count = counts.Int(0, i).value_or(0);
      if (count > 1 && count <= kCategoriesMax) categories_.push_back(texts[i]);
    }
    return {};
  }

  void MakeSeries() {
    // A bucket that is going on says nothing yet.
    if (!rows_.rows.empty() && rows_.Int(rows_.rows.size() - 1, 1).value_or(0) > NowMicros()) rows_.rows.pop_back();
    AddRows();
    std::size_t at = 3;
    for (const engine::ResultColumn& column : columns_) {
      const std::size_t values_at = at++;
      AddShare(column.name, "null_rate", [&](std::size_t row, double rows) {
        return rows - static_cast<double>(rows_.Int(row, values_at).value_or(0));
      });
      if (IsNumber(column)) {
        AddMean(column.name, values_at, at);
        at += 2;
      } else if (column.kind == engine::TypeKind::kBoolean) {
        AddTrue(column.name, values_at, at++);
      }
      if (IsCategory(column.name)) AddMix(column.name, at++);
    }
  }

  MetricSeries& NewSeries(const std::string& column, const char* metric) {
    return series_.emplace_back(MetricSeries{column, metric, {}, {}});
  }
  void Observe(MetricSeries& series, std::int64_t at_us, double value, double noise, double size) const {
    series.observations.push_back({at_us, value, noise, size});
    series.when.push_back(BucketName(at_us, unit_));
  }

  /// Buckets without rows have none: they are put in.
  void AddRows() {
    MetricSeries& series = NewSeries("", "rows");
    constexpr std::size_t kEmptyMax = 1'000'000;
    std::size_t empty = 0;
    for (std::size_t row = 0; row < rows_.rows.size(); ++row) {
      const std::int64_t at_us = rows_.Int(row, 0).value_or(0);
      if (row > 0) {
        for (std::int64_t gap = rows_.Int(row - 1, 1).value_or(at_us); gap < at_us && ++empty < kEmptyMax;) {
          Observe(series, gap, 0, 0, 0);
          gap = After(gap);
        }
      }
      const auto count = static_cast<double>(rows_.Int(row, 2).value_or(0));
      Observe(series, at_us, count, std::sqrt(count), count);
    }
  }

  /// The beginning of the bucket after that of `at_us`.
  std::int64_t After(std::int64_t at_us) const {
    constexpr std::int64_t kHourUs = 3'600'000'000;
    constexpr std::int64_t kDayUs = 24 * kHourUs;
    if (unit_ == "hour") return at_us + kHourUs;
    if (unit_ == "day") return at_us + kDayUs;
    if (unit_ == "week") return at_us + 7 * kDayUs;
    // Months: into the next one for sure, then back to its first day.
    const std::string next = FormatUtcMicros(at_us + 32 * kDayUs).substr(0, 8) + "01";
    return ParseTimestampMicros(next).value_or(at_us + 32 * kDayUs);
  }

  template <typename Part>
  void AddShare(const std::string& column, const char* metric, Part part) {
    MetricSeries& series = NewSeries(column, metric);
    for (std::size_t row = 0; row < rows_.rows.size(); ++row) {
      const auto rows = static_cast<double>(rows_.Int(row, 2).value_or(0));
      const double count = part(row, rows);
      const double share = (count + 1) / (rows + 2);
      Observe(series, rows_.Int(row, 0).value_or(0), count / rows, std::sqrt(share * (1 - share) / rows), rows);
    }
  }

  void AddMean(const std::string& column, std::size_t values_at, std::size_t mean_at) {
    MetricSeries& series = NewSeries(column, "mean");
    for (std::size_t row = 0; row < rows_.rows.size(); ++row) {
      const auto mean = rows_.Real(row, mean_at);
      if (!mean || !std::isfinite(*mean)) continue;
      const auto values = static_cast<double>(rows_.Int(row, values_at).value_or(1));
      Observe(series, rows_.Int(row, 0).value_or(0), *mean,
              rows_.Real(row, mean_at + 1).value_or(0) / std::sqrt(std::max(values, 1.0)), values);
    }
  }

  void AddTrue(const std::string& column, std::size_t values_at, std::size_t mean_at) {
    MetricSeries& series = NewSeries(column, "true_rate");
    for (std::size_t row = 0; row < rows_.rows.size(); ++row) {
      const auto mean = rows_.Real(row, mean_at);
      if (!mean) continue;
      const double values = std::max(1.0, static_cast<double>(rows_.Int(row, values_at).value_or(1)));
      const double share = (*mean * values + 1) / (values + 2);
      Observe(series, rows_.Int(row, 0).value_or(0), *mean, std::sqrt(share * (1 - share) / values), values);
    }
  }

  void AddMix(const std::string& column, std::size_t entries_at) {
    MixSeries& mix = mixes_.emplace_back();
    mix.column = column;
    for (std::size_t row = 0; row < rows_.rows.size(); ++row) {
      auto& counts = mix.counts.emplace_back();
      for (const Json& entry : ParseCell(rows_.rows[row][entries_at])) {
        if (entry.contains("key") && entry["key"].is_string()) {
          counts[entry["key"].get<std::string>()] = entry["value"].get<double>();
        }
      }
      mix.at_us.push_back(rows_.Int(row, 0).value_or(0));
      mix.when.push_back(BucketName(mix.at_us.back(), unit_));
    }
  }

  const DataSource& source_;
  std::string unit_;
  const AnomalyOptions& options_;
  std::vector<engine::ResultColumn> columns_;
  std::vector<std::string> categories_;
  std::string bucket_, where_;
  engine::ResultTable rows_;
  std::vector<MetricSeries> series_;
  std::vector<MixSeries> mixes_;
};

}  // namespace

Result<AnomalyReport> FindAnomaliesByTime(engine::Session& session, const DataSource& source,
                                          const TimeBuckets& buckets, const AnomalyOptions& options,
                                          std::stop_token stop) {
  const std::stop_callback interrupt(stop, [&session] { session.Interrupt(); });
  if (std::ranges::find(kUnits, buckets.unit) == kUnits.end()) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("'{}' is no unit of time", buckets.unit))
                    .Hint(fmt::format("use one of {}", fmt::join(kUnits, ", "))));
  }
  SMELT_ASSIGN(const engine::ResultColumn time, TimeColumn(source, buckets.column));
  BucketQuery query(source, buckets, time, options);
  SMELT_TRY(query.Run(session));
  const double chance = ChanceOf(query.series(), query.mixes(), 0, options);
  return JudgeAll(source.label, query.series(), query.mixes(), chance, options);
}

}  // namespace smelt::quality
