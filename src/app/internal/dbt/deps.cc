#include <fmt/format.h>

#include <iostream>

#include "app/internal/dbt/commands.h"
#include "transform/deps.h"

namespace smelt::app {

Result<int> RunDeps(CommandContext& context, DbtFlags& flags) {
  transform::DepsOptions options;
  options.project_dir = FindProjectDir(flags);
  SMELT_ASSIGN(options.vars, flags.Map("vars"));
  SMELT_ASSIGN(transform::ProjectHead head, transform::ReadProjectHead(options.project_dir, options.vars));
  options.packages_path = head.packages_path;
  options.upgrade = flags.On("upgrade") || flags.On("lock");
  options.lock_only = flags.On("lock");
  const bool is_quiet = flags.On("quiet") || context.json;
  if (const std::string added = flags.Text("add_package"); !added.empty()) {
    transform::NewPackage package{.name = added, .version = {}};
    if (const std::string source = flags.Text("source"); !source.empty()) package.source = source;
    // git@host:owner/name has an @ that begins no version.
    const std::size_t at = added.rfind('@');
    const bool has_version = at != std::string::npos && at > 0 && added.find_first_of("/:", at) == std::string::npos;
    if (has_version) {
      package.name = added.substr(0, at);
      package.version = added.substr(at + 1);
    }
    SMELT_TRY(transform::AddPackage(options.project_dir, package));
    if (!is_quiet) std::cout << fmt::format("Added {} to packages.yml\n", added);
  }
  const auto tell = [&](std::string_view source) {
    if (!is_quiet) std::cout << fmt::format("Installing {}\n", source) << std::flush;
  };
  SMELT_ASSIGN(auto packages, transform::InstallPackages(options, tell, context.stop));
  for (const transform::InstalledPackage& package : packages) {
    if (!context.json) break;
    PrintLine({{"package", package.name},
               {"version", package.version},
               {"source", package.source},
               {"path", fmt::format("{}/{}", options.packages_path, package.name)}});
  }
  if (is_quiet) return 0;
  if (packages.empty()) std::cout << "No packages are asked for: there is no packages.yml with any.\n";
  for (const transform::InstalledPackage& package : packages) {
    const std::string version = package.version.empty() ? package.source : package.version;
    std::cout << fmt::format("  {} ({}) in {}/{}\n", package.name, version, options.packages_path, package.name);
  }
  return 0;
}

}  // namespace smelt::app
