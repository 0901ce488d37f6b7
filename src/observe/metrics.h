#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace smelt::observe {

enum class MetricType : std::uint8_t { kGauge, kCounter };

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

/// Metrics of one moment in Prometheus' text format. Confined to one thread.
class MetricSet {
 public:
  /// Declares a metric; `help` is a sentence. Metrics appear in the order in which they are declared, and only if they
  /// have a value.
  void Declare(std::string_view name, MetricType type, std::string_view help);
  /// Adds a value of a declared metric. The same labels must not come twice.
  void Add(std::string_view name, double value, MetricLabels labels = {});
  std::string Text() const;

 private:
  struct Sample {
    MetricLabels labels;
    double value = 0;
  };
  struct Family {
    std::string name;
    MetricType type = MetricType::kGauge;
    std::string help;
    std::vector<Sample> samples;
  };
  std::vector<Family> families_;
};

/// A text as part of a metric's name: what is neither letter nor digit becomes an underscore.
std::string MetricName(std::string_view text);

}  // namespace smelt::observe
