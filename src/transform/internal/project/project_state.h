#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "transform/internal/jinja/standard_globals.h"
#include "transform/internal/project/event_time.h"
#include "transform/internal/project/macro_set.h"
#include "transform/internal/project/manifest.h"
#include "transform/internal/project/packages.h"
#include "transform/internal/project/ref_table.h"
#include "transform/internal/selection/selector_file.h"
#include "transform/invoke.h"

namespace smelt::transform {

/// Everything known of a project. Filled by the loader, immutable then.
struct ProjectState {
  InvokeOptions options;
  std::vector<Package> packages;  ///< the root project first
  MacroSet macros;
  jinja::GlobalTable functions;  ///< what every template can call
  std::int64_t started_micros = 0;
  std::optional<EventTimeWindow> sample;  ///< --sample: models and snapshots read no more than this
  Manifest manifest;
  RefTable refs;
  NamedSelections selectors;                                 ///< those of selectors.yml
  std::map<std::string, std::vector<std::string>> tests_of;  ///< unique ids of generic tests by what they test
  std::vector<std::string> selected;                         ///< unique ids of what this invocation runs
  std::vector<Error> warnings;                               ///< what looks wrong but does no harm
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> source_ids;  ///< by source and table

  /// The root project's file.
  const ProjectFile& file() const { return packages.front().file; }
  const Package& PackageOf(std::string_view name) const;
  /// The table that a template of `package` means: its own package's before another's; or null.
  const SourceTable* FindSource(const std::string& source, const std::string& table, std::string_view package) const;
};

}  // namespace smelt::transform
