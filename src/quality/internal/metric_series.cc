#include "quality/internal/metric_series.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

namespace smelt::quality {
namespace {

/// The least and the greatest chance of a false alarm that a check is given, whatever the budget.
constexpr double kChanceMin = 1e-7;
constexpr double kChanceMax = 0.05;

bool IsRate(std::string_view metric) {
  return metric.ends_with("_rate");
}

/// "1234567" as "1,234,567".
std::string Grouped(double value) {
  std::string digits = fmt::format("{:.0f}", std::abs(value));
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return (value < 0 ? "-" : "") + digits;
}

SeriesOptions OptionsOf(const MetricSeries& series, double chance) {
  SeriesOptions options{.false_alarm = chance};
  if (series.metric == "rows") {
    options.floor = 0;
    options.proportional = true;
    options.counts = true;
  }
  if (IsRate(series.metric)) {
    options.shares = series.metric != "distinct_rate";
    options.floor = 0;
    options.ceiling = 1;
  }
  return options;
}

std::string NameOf(const std::string& table, const std::string& column) {
  return column.empty() ? table : table + "." + column;
}

std::string VerdictOf(const std::string& table, const AnomalyCheck& check) {
  const std::string metric = check.metric == "rows" ? "" : check.metric + " ";
  std::string text = fmt::format("{} of {}: {}{}{}", NameOf(table, check.column), check.when, metric,
                                 MetricText(check.metric, check.value), check.metric == "rows" ? " rows" : "");
  if (!check.judged) return text + ", too little history to judge";
  return text + fmt::format(", expected {} to {} by {}", MetricText(check.metric, check.low),
                            MetricText(check.metric, check.high), check.by);
}

void JudgeOne(const std::string& name, const MetricSeries& series, double chance, int last, AnomalyReport& report) {
  const std::vector<SeriesVerdict> judgements = JudgeSeries(series.observations, OptionsOf(series, chance));
  const std::size_t from = judgements.size() - std::min(judgements.size(), static_cast<std::size_t>(last));
  for (std::size_t i = from; i < judgements.size(); ++i) {
    const SeriesVerdict& judgement = judgements[i];
    AnomalyCheck check{.column = series.column,
                       .metric = series.metric,
                       .when = series.when[i],
                       .at_us = series.observations[i].at_us,
                       .value = series.observations[i].value,
                       .judged = judgement.judged,
                       .anomalous = judgement.anomalous,
                       .expected = judgement.expected,
                       .low = judgement.low,
                       .high = judgement.high,
                       .by = ForecastText(judgement.forecast),
                       .verdict = {}};
    check.verdict = VerdictOf(name, check);
    report.checks.push_back(std::move(check));
  }
}

/// The category whose share moved most, in words.
std::string Mover(const std::map<std::string, double>& before, const std::map<std::string, double>& now) {
  const auto total = [](const std::map<std::string, double>& counts) {
    double sum = 0;
    for (const auto& [value, count] : counts) sum += count;
    return std::max(sum, 1.0);
  };
  const auto share = [](const std::map<std::string, double>& counts, const std::string& value, double sum) {
    const auto found = counts.find(value);
    return found == counts.end() ? 0.0 : found->second / sum;
  };
  std::set<std::string> values;
  for (const auto& [value, count] : before) values.insert(value);
  for (const auto& [value, count] : now) values.insert(value);
  std::string most;
  double moved = -1;
  for (const std::string& value : values) {
    const double by = std::abs(share(now, value, total(now)) - share(before, value, total(before)));
    if (by <= moved) continue;
    moved = by;
    most = value;
  }
  return fmt::format("\"{}\" is {:.1f} % instead of {:.1f} %", most, 100 * share(now, most, total(now)),
                     100 * share(before, most, total(before)));
}

double StabilityOf(const std::map<std::string, double>& before, const std::map<std::string, double>& now) {
  std::set<std::string> values;
  for (const auto& [value, count] : before) values.insert(value);
  for (const auto& [value, count] : now) values.insert(value);
  std::vector<double> a;
  std::vector<double> b;
  for (const std::string& value : values) {
    const auto in_a = before.find(value);
    const auto in_b = now.find(value);
    a.push_back(in_a == before.end() ? 0 : in_a->second);
    b.push_back(in_b == now.end() ? 0 : in_b->second);
  }
  return PopulationStability(a, b);
}

/// The index that chance alone gives samples of one distribution: about chi-squared with one degree of freedom less
/// than there are categories, scaled by the sizes (Yurdakul, Naranjo).
double StabilityOfChance(const std::map<std::string, double>& before, const std::map<std::string, double>& now,
                         double limit) {
  double total_before = 0;
  double total_now = 0;
  for (const auto& [value, count] : before) total_before += count;
  for (const auto& [value, count] : now) total_now += count;
  if (total_before <= 0 || total_now <= 0) return 0;
  const double freedom = std::max(1.0, static_cast<double>(std::max(before.size(), now.size())) - 1);
  return (freedom + limit * std::sqrt(2 * freedom) + limit * limit / 2) * (1 / total_before + 1 / total_now);
}

void JudgeMix(const std::string& name, const MixSeries& series, double chance, int last, AnomalyReport& report) {
  constexpr std::size_t kBefore = 28;
  constexpr double kDifferent = 0.2;  // what the field calls a shift
  const double limit = NormalQuantile(chance / 2);
  std::vector<double> indices;  // of the moments before
  const std::size_t from = series.counts.size() - std::min(series.counts.size(), static_cast<std::size_t>(last));
  for (std::size_t i = 0; i < series.counts.size(); ++i) {
    std::map<std::string, double> before;
    for (std::size_t j = i - std::min(i, kBefore); j < i; ++j) {
      for (const auto& [value, count] : series.counts[j]) before[value] += count;
    }
    AnomalyCheck check{.column = series.column,
                       .metric = "mix",
                       .when = series.when[i],
                       .at_us = series.at_us[i],
                       .by = "the mix before",
                       .verdict = {}};
    check.value = StabilityOf(before, series.counts[i]);
    check.judged = i >= kHistoryMin && !series.counts[i].empty();
    if (check.judged) {
      const double usual = indices.empty() ? 0 : *std::ranges::max_element(indices);
      check.high = std::max({kDifferent, usual, StabilityOfChance(before, series.counts[i], limit)});
      check.anomalous = check.value > check.high;
    }
    if (i > 1 && !check.anomalous) indices.push_back(check.value);
    if (indices.size() > kBefore) indices.erase(indices.begin());
    if (i < from) continue;
    check.verdict = fmt::format("{} of {}: mix {:.2f} (population stability index)", NameOf(name, series.column),
                                check.when, check.value);
    check.verdict += check.judged
                         ? fmt::format(", expected up to {:.2f}; {}", check.high, Mover(before, series.counts[i]))
                         : ", too little history to judge";
    report.checks.push_back(std::move(check));
  }
}

}  // namespace

std::string MetricText(std::string_view metric, double value) {
  constexpr double kPercent = 100;
  constexpr double kGrouped = 1000;
  if (IsRate(metric)) return fmt::format("{:.3g} %", value * kPercent);
  if (metric == "rows") return Grouped(std::round(value));
  return std::abs(value) >= kGrouped ? Grouped(value) : fmt::format("{:.4g}", value);
}

double ChanceOf(const std::vector<MetricSeries>& series, const std::vector<MixSeries>& mixes, int others,
                const AnomalyOptions& options) {
  const auto last = static_cast<std::size_t>(options.last);
  auto checks = static_cast<double>(others);
  for (const MetricSeries& one : series) checks += static_cast<double>(std::min(one.observations.size(), last));
  for (const MixSeries& one : mixes) checks += static_cast<double>(std::min(one.counts.size(), last));
  return std::clamp(options.false_alarms / std::max(checks, 1.0), kChanceMin, kChanceMax);
}

AnomalyReport JudgeAll(const std::string& name, const std::vector<MetricSeries>& series,
                       const std::vector<MixSeries>& mixes, double chance, const AnomalyOptions& options) {
  AnomalyReport report{.label = name, .checks = {}, .false_alarms = 0};
  for (const MetricSeries& one : series) JudgeOne(name, one, chance, options.last, report);
  for (const MixSeries& one : mixes) JudgeMix(name, one, chance, options.last, report);
  report.false_alarms = chance * static_cast<double>(report.checks.size());
  return report;
}

std::int64_t AnomalyReport::anomalies() const {
  return std::ranges::count_if(checks, &AnomalyCheck::anomalous);
}

std::int64_t AnomalyReport::unjudged() const {
  return std::ranges::count_if(checks, [](const AnomalyCheck& check) { return !check.judged; });
}

Json AnomalyReport::ToJson() const {
  Json list = Json::array();
  for (const AnomalyCheck& check : checks) {
    Json one = {{"column", check.column.empty() ? Json() : Json(check.column)},
                {"metric", check.metric},
                {"when", check.when},
                {"value", check.value},
                {"judged", check.judged},
                {"anomalous", check.anomalous}};
    if (check.judged) {
      one["expected"] = check.expected;
      one["low"] = check.low;
      one["high"] = check.high;
      one["by"] = check.by;
    }
    one["verdict"] = check.verdict;
    list.push_back(std::move(one));
  }
  return {{"data", label},
          {"anomalies", anomalies()},
          {"unjudged", unjudged()},
          {"false_alarms_expected", false_alarms},
          {"checks", std::move(list)}};
}

}  // namespace smelt::quality
