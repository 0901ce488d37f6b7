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
  const bool is_quiet = flags.On("quiet");
  const auto tell = [&](std::string_view source) {
    if (!is_quiet) std::cout << fmt::format("Installing {}\n", source) << std::flush;
  };
  SMELT_ASSIGN(auto packages, transform::InstallPackages(options, tell, context.stop));
  if (is_quiet) return 0;
  if (packages.empty()) std::cout << "No packages are asked for: there is no packages.yml with any.\n";
  for (const transform::InstalledPackage& package : packages) {
    const std::string version = package.version.empty() ? package.source : package.version;
    std::cout << fmt::format("  {} ({}) in {}/{}\n", package.name, version, options.packages_path, package.name);
  }
  return 0;
}

}  // namespace smelt::app
