#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace smelt::transform {

/// A package as packages.yml asks for it.
struct PackageSpec {
  enum class Kind : std::uint8_t { kLocal, kGit, kHub, kTarball };
  Kind kind = Kind::kHub;
  std::string source;                 ///< folder, repository, "owner/name" or address
  std::string written;                ///< the same as packages.yml has it, with templates for secrets
  std::string revision;               ///< of git: a tag, branch or commit; empty: the repository's own
  std::string subdirectory;           ///< of git: where the project is in it
  std::vector<std::string> versions;  ///< of the hub: "1.3.0", ">=1.0.0"; all must hold
  bool takes_prereleases = false;
  std::string identity;  ///< the entry as the lock file's hash is made of it
  std::string file;      ///< that asks
  std::int64_t line = 0;
};

/// The packages that packages.yml, or else dependencies.yml, of a project asks for; none when there is neither.
/// Errors: kConfig…, kJinja…, with file and line; kDbtUnsupported for private packages.
Result<std::vector<PackageSpec>> ReadPackageSpecs(const std::string& project_dir, const Json& vars);

/// package-lock.yml: what was installed, and a hash of what was asked for.
struct LockFile {
  std::vector<PackageSpec> packages;
  std::string hash;
};

/// Reads package-lock.yml; without one there is nothing in it. Errors: kConfig….
Result<LockFile> ReadLockFile(const std::string& project_dir);

/// The hash that the lock file keeps of the packages that are asked for, as dbt makes it.
std::string HashOf(const std::vector<PackageSpec>& specs);

/// Whether version `version` of the hub is one of those that are asked for: "1.3.0" with {">=1.0.0", "<2.0.0"}.
bool FitsVersions(const std::string& version, const std::vector<std::string>& wanted);
/// Whether a version comes before another.
bool IsOlder(const std::string& version, const std::string& other);
/// Whether it is one before a release: "2.0.0-rc1".
bool IsPrerelease(const std::string& version);

}  // namespace smelt::transform
