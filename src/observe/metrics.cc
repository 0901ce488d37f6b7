#include "observe/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace smelt::observe {
namespace {

std::string Escape(std::string_view text, bool quotes) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\') {
      escaped += "\\\\";
    } else if (c == '\n') {
      escaped += "\\n";
    } else if (c == '"' && quotes) {
      escaped += "\\\"";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string Value(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  constexpr double kExact = 9'007'199'254'740'992.0;
  if (std::floor(value) == value && std::fabs(value) < kExact)
    return fmt::format("{}", static_cast<std::int64_t>(value));
  return fmt::format("{}", value);
}

}  // namespace

void MetricSet::Declare(std::string_view name, MetricType type, std::string_view help) {
  SMELT_ASSERT(std::ranges::find(families_, name, &Family::name) == families_.end());
  families_.push_back({.name = std::string(name), .type = type, .help = std::string(help), .samples = {}});
}

void MetricSet::Add(std::string_view name, double value, MetricLabels labels) {
  const auto family = std::ranges::find(families_, name, &Family::name);
  SMELT_ASSERT(family != families_.end());
  family->samples.push_back({.labels = std::move(labels), .value = value});
}

std::string MetricSet::Text() const {
  std::string text;
  for (const Family& family : families_) {
    if (family.samples.empty()) continue;
    text += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", family.name, Escape(family.help, false),
                        family.type == MetricType::kCounter ? "counter" : "gauge");
    for (const Sample& sample : family.samples) {
      std::string labels;
      for (const auto& [name, value] : sample.labels) {
        labels += fmt::format("{}{}=\"{}\"", labels.empty() ? "" : ",", name, Escape(value, true));
      }
      text += fmt::format("{}{} {}\n", family.name, labels.empty() ? "" : "{" + labels + "}", Value(sample.value));
    }
  }
  return text;
}

std::string MetricName(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += plain ? c : '_';
  }
  return name;
}

}  // namespace smelt::observe
