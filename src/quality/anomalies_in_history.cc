#include <algorithm>
#include <array>
#include <cmath>

#include <strings.h>

#include <fmt/format.h>

#include "base/clock.h"
#include "quality/anomalies.h"
#include "quality/internal/forecasters.h"
#include "quality/internal/literal.h"
#include "quality/internal/metric_series.h"
#include "quality/internal/table_name.h"
#include "quality/profile_history.h"

namespace smelt::quality {

bool AnomalyOptions::Wants(const std::string& column) const {
  return column.empty() || columns.empty() || std::ranges::any_of(columns, [&](const std::string& name) {
           return strcasecmp(name.c_str(), column.c_str()) == 0;
         });
}

namespace {

std::string VersionName(std::int64_t version) {
  return fmt::format("version {}", version);
}

std::map<std::string, double> CountsOf(const std::string& detail) {
  std::map<std::string, double> counts;
  const Json stored = ParseCell(detail);
  for (const auto& [value, count] : stored.items()) {
    if (count.is_number()) counts[value] = count.get<double>();
  }
  return counts;
}

double RowsOf(const StoredProfile& profile) {
  const auto rows = std::ranges::find_if(
      profile.metrics, [](const ProfileMetric& one) { return one.column.empty() && one.metric == "rows"; });
  return rows == profile.metrics.end() ? 0 : rows->value;
}

/// The series of all metrics that the newest profile has.
void MakeSeries(const std::vector<StoredProfile>& profiles, const AnomalyOptions& options,
                std::vector<MetricSeries>& series, std::vector<MixSeries>& mixes) {
  for (const ProfileMetric& newest : profiles.back().metrics) {
    if (newest.metric == "schema" || !options.Wants(newest.column)) continue;
    MetricSeries numbers{newest.column, newest.metric, {}, {}};
    MixSeries mix;
    mix.column = newest.column;
    for (const StoredProfile& profile : profiles) {
      const auto same = std::ranges::find_if(profile.metrics, [&](const ProfileMetric& one) {
        return one.column == newest.column && one.metric == newest.metric;
      });
      if (same == profile.metrics.end()) continue;
      if (newest.metric == "mix") {
        mix.counts.push_back(CountsOf(same->detail));
        mix.at_us.push_back(profile.committed_at_us);
        mix.when.push_back(VersionName(profile.version));
      } else {
        numbers.observations.push_back({profile.committed_at_us, same->value, same->noise, RowsOf(profile)});
        numbers.when.push_back(VersionName(profile.version));
      }
    }
    if (newest.metric == "mix") {
      mixes.push_back(std::move(mix));
    } else {
      series.push_back(std::move(numbers));
    }
  }
}

/// What differs between two lists of [name, type].
std::string SchemaChanges(const Json& before, const Json& now) {
  std::vector<std::string> changes;
  const auto find = [](const Json& columns, const Json& name) {
    return std::ranges::find_if(columns, [&](const Json& column) { return column[0] == name; });
  };
  for (const Json& column : now) {
    const auto old = find(before, column[0]);
    if (old == before.end()) {
      changes.push_back(fmt::format("{} is new", column[0].get<std::string>()));
    } else if ((*old)[1] != column[1]) {
      changes.push_back(fmt::format("{} was {} and is {}", column[0].get<std::string>(), (*old)[1].get<std::string>(),
                                    column[1].get<std::string>()));
    }
  }
  for (const Json& column : before) {
    if (find(now, column[0]) == now.end()) changes.push_back(fmt::format("{} is gone", column[0].get<std::string>()));
  }
  return fmt::format("{}", fmt::join(changes, ", "));
}

/// Schemas do not stray by chance: every change is told.
void JudgeSchemas(const std::string& table, const std::vector<StoredProfile>& profiles, int last,
                  AnomalyReport& report) {
  const auto schema_of = [](const StoredProfile& profile) {
    const auto found = std::ranges::find(profile.metrics, "schema", &ProfileMetric::metric);
    return found == profile.metrics.end() ? Json::array() : ParseCell(found->detail);
  };
  const std::size_t from = profiles.size() - std::min(profiles.size(), static_cast<std::size_t>(last));
  for (std::size_t i = from; i < profiles.size(); ++i) {
    const Json now = schema_of(profiles[i]);
    AnomalyCheck check{.column = "",
                       .metric = "schema",
                       .when = VersionName(profiles[i].version),
                       .at_us = profiles[i].committed_at_us,
                       .value = static_cast<double>(now.size()),
                       .by = "the version before",
                       .verdict = {}};
    check.judged = i > 0;
    std::string changes = i > 0 ? SchemaChanges(schema_of(profiles[i - 1]), now) : "";
    check.anomalous = !changes.empty();
    check.expected = check.low = check.high = i > 0 ? static_cast<double>(schema_of(profiles[i - 1]).size()) : 0;
    check.verdict = fmt::format("{} of {}: {}", table, check.when,
                                changes.empty() ? "the schema is as before" : "the schema changed: " + changes);
    report.checks.push_back(std::move(check));
  }
}

std::string DurationText(double hours) {
  constexpr double kHoursOfDay = 24;
  if (hours < 1) return fmt::format("{:.0f} min", hours * 60);
  return hours < 2 * kHoursOfDay ? fmt::format("{:.1f} h", hours) : fmt::format("{:.1f} days", hours / kHoursOfDay);
}

/// The time since the last change of the rows, by the logarithms of the times between changes.
Status JudgeFreshness(engine::Session& session, const std::string& table, double chance, AnomalyReport& report) {
  SMELT_ASSIGN(const engine::ResultTable commits,
               session.Query(fmt::format("select epoch_us(timestamp) from table_history({}) where operation not in "
                                         "('OPTIMIZE', 'VACUUM START', 'VACUUM END', 'SET TBLPROPERTIES', 'FSCK', "
                                         "'COMPUTE STATS', 'REORG') order by version",
                                         engine::QuoteLiteral(table))));
  if (commits.rows.empty()) return {};
  constexpr double kHourUs = 3'600e6;
  // Commits of one run follow each other within minutes: they are one change.
  constexpr double kOneChange = 5.0 / 60;
  std::vector<double> gaps;
  for (std::size_t i = 1; i < commits.rows.size(); ++i) {
    const double hours = static_cast<double>(commits.Int(i).value_or(0) - commits.Int(i - 1).value_or(0)) / kHourUs;
    if (hours > kOneChange) gaps.push_back(std::log(hours));
  }
  const std::int64_t changed_at = commits.Int(commits.rows.size() - 1).value_or(0);
  const std::int64_t now = NowMicros();
  AnomalyCheck check{.column = "",
                     .metric = "freshness",
                     .when = FormatUtcMicros(now).substr(0, 16),
                     .at_us = now,
                     .by = "the times between changes",
                     .verdict = {}};
  check.value = static_cast<double>(now - changed_at) / kHourUs;
  check.judged = gaps.size() >= kHistoryMin;
  check.verdict = fmt::format("{}: last change {} ago", table, DurationText(check.value));
  if (check.judged) {
    std::vector<double> off;
    const double middle = Median(gaps);
    for (const double gap : gaps) off.push_back(std::abs(gap - middle));
    constexpr double kMadToSigma = 1.4826;
    constexpr double kSpreadMin = 0.15;  // a daily job an hour or four late is no news
    const double spread = std::max(kMadToSigma * Median(off), kSpreadMin);
    const double reach = std::max(middle + NormalQuantile(chance) * spread, *std::ranges::max_element(gaps));
    check.expected = std::exp(middle);
    check.high = std::exp(reach);
    check.anomalous = check.value > check.high;
    check.verdict += fmt::format(", usually {}, at most {}", DurationText(check.expected), DurationText(check.high));
  } else {
    check.verdict += ", too little history to judge";
  }
  report.checks.push_back(std::move(check));
  return {};
}

}  // namespace

Result<AnomalyReport> FindAnomaliesInHistory(engine::Engine& engine, engine::Session& session, const std::string& table,
                                             const AnomalyOptions& options, std::stop_token stop) {
  const std::stop_callback interrupt(stop, [&session] { session.Interrupt(); });
  SMELT_ASSIGN(const std::vector<StoredProfile> profiles, LoadProfiles(engine, session, table));
  if (profiles.empty()) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("quality.profiles has no profile of {}", table))
                    .Hint(fmt::format("`smelt anomalies {}` stores one of the present version", table)));
  }
  std::vector<MetricSeries> series;
  std::vector<MixSeries> mixes;
  MakeSeries(profiles, options, series, mixes);
  const double chance = ChanceOf(series, mixes, 1, options);
  AnomalyReport report = JudgeAll(table, series, mixes, chance, options);
  JudgeSchemas(table, profiles, options.last, report);
  SMELT_TRY(JudgeFreshness(session, table, chance, report));
  return report;
}

}  // namespace smelt::quality
