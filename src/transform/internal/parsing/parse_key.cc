#include "transform/internal/parsing/parse_key.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/json.h"
#include "base/version.h"

namespace smelt::transform {
namespace {

/// Variables that change from one command to the next and that no project is made of.
constexpr std::array<std::string_view, 5> kPassing = {"_", "SHLVL", "OLDPWD", "COLUMNS", "LINES"};

/// A new build of the program may parse differently.
Json Program() {
  struct stat info {};
  const bool is_known = stat("/proc/self/exe", &info) == 0;
  return Json::array({std::string(kSmeltVersion), is_known ? info.st_size : 0, is_known ? info.st_mtim.tv_sec : 0,
                      is_known ? info.st_mtim.tv_nsec : 0});
}

Json Environment() {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable = *entry;
    if (std::ranges::find(kPassing, variable.substr(0, variable.find('='))) == kPassing.end()) {
      all.emplace_back(variable);
    }
  }
  std::ranges::sort(all);
  return all;
}

}  // namespace

std::string ParseKey(const InvokeOptions& options) {
  Json flags = options.flags;
  flags.erase("invocation_command");
  const Target& target = options.target;
  const Json all = {{"program", Program()},
                    {"environment", Environment()},
                    {"project", options.project_dir},
                    {"target_dir", options.target_dir},
                    {"flags", std::move(flags)},
                    {"vars", options.vars},
                    {"target", {target.profile, target.name, target.schema, target.database_alias, target.fields}},
                    {"full_refresh", options.full_refresh},
                    {"empty", options.empty},
                    {"sample", options.sample},
                    {"store_failures", options.store_failures},
                    {"warn_error", options.warn_error},
                    {"event_time", {options.event_time_start, options.event_time_end}}};
  return Sha256Hex(JsonText(all));
}

}  // namespace smelt::transform
