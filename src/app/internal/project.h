#pragma once

#include <map>
#include <string>

#include "app/internal/prices.h"
#include "app/internal/state_setting.h"
#include "base/error.h"
#include "notify/settings.h"
#include "quality/contract_check.h"

namespace smelt::app {

/// smelt.yml: where the parts of a project lie. Folders are absolute.
struct ProjectConfig {
  std::string name;
  std::string dir;
  std::string dbt;      ///< the folder of dbt_project.yml
  std::string sources;  ///< as written, relative to dir
  std::string suites;
  std::string pipelines;
  std::string contracts;  ///< the folder of data contracts, which need not be there
  quality::ContractStrictness contract_strictness = quality::ContractStrictness::kStrict;
  /// The lake when none is named on the command line: of `lakes` that of the target, else `lake`; may be empty.
  std::string lake;
  std::map<std::string, std::string> lakes;             ///< by target of the dbt profile: dev, staging, prod
  std::map<std::string, std::string> table_properties;  ///< of the tables that its commands make
  Prices prices;                     ///< of what runs take and tables keep; without a currency: none are known
  std::map<std::string, int> pools;  ///< slots that the tasks of all pipelines share, by name of the pool
  StateSetting state;                ///< the database of the lake's state; without a url: a file within it
  notify::Settings notifications;    ///< whom to tell what about runs of pipelines; without routes: nobody
};

/// Reads <dir>/smelt.yml. The target is that of DBT_TARGET, else the one that the dbt profile says. Errors:
/// kStoreNotFound (with how to begin), kConfig… with file and line.
Result<ProjectConfig> LoadProject(const std::string& dir);

/// The folder of a reference project shipped with smelt: beside the installed program, or in the source tree it was
/// built from. Errors: kStoreNotFound naming the places looked at.
Result<std::string> FindShippedProject(const std::string& name);

/// The folder of a file:/// address; every other address stays.
std::string WithoutFileScheme(const std::string& address);

/// Where operational state of a lake is kept unless a database is named for it, and always its logs: within a local
/// lake, else under the user's state folder.
std::string StatePath(const std::string& lake);
/// The file of those who may log in to the servers of a lake, beside its state on this machine.
std::string UsersPath(const std::string& lake);

}  // namespace smelt::app
