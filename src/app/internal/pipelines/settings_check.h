#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/internal/project.h"
#include "base/config.h"
#include "base/error.h"
#include "pipeline/definition.h"

namespace smelt::app {

/// Whether what the settings of tasks name is there and can be: sources, suites, tables, channels, addresses and sizes.
/// What is worked out only when a task runs ("{{ … }}") is left to it. Confined to a thread; sources and suites are
/// read once.
class SettingsCheck {
 public:
  explicit SettingsCheck(const ProjectConfig& project) : project_(project) {}

  /// Errors: kConfigValueInvalid with file, line and cure; those of reading the project's sources and suites.
  Status Check(const pipeline::Pipeline& definition);

 private:
  Status CheckSources(const ConfigNode& names);
  Status CheckSuites(const ConfigNode& names);
  Status CheckTables(const ConfigNode& names) const;
  Status CheckChannels(const ConfigNode& names) const;

  const ProjectConfig& project_;
  /// The names that there are, once they were looked up.
  std::optional<std::vector<std::string>> sources_, suites_;
};

}  // namespace smelt::app
