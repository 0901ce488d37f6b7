#pragma once

#include <map>
#include <string>
#include <vector>

#include "quality/anomalies.h"
#include "quality/series.h"

namespace smelt::quality {

/// One metric of one column over time.
struct MetricSeries {
  std::string column, metric;
  std::vector<Observation> observations;
  std::vector<std::string> when;  ///< how people call the moment of each
};

/// How often each category occurred, moment by moment.
struct MixSeries {
  std::string column;
  std::vector<std::map<std::string, double>> counts;
  std::vector<std::int64_t> at_us;
  std::vector<std::string> when;
};

/// The part of the budget of false alarms that each check is given: those of the last observations of all series, and
/// `others`.
double ChanceOf(const std::vector<MetricSeries>& series, const std::vector<MixSeries>& mixes, int others,
                const AnomalyOptions& options);

/// The checks of the newest moments of all series, each with its part of the budget of false alarms. `name` is how
/// verdicts call the data.
AnomalyReport JudgeAll(const std::string& name, const std::vector<MetricSeries>& series,
                       const std::vector<MixSeries>& mixes, double chance, const AnomalyOptions& options);

/// A value of a metric as people read it: "12.3 %" of rates, "1,234" of counts, "41.5" else.
std::string MetricText(std::string_view metric, double value);

}  // namespace smelt::quality
