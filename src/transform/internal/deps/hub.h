#pragma once

#include <stop_token>
#include <string>

#include "base/error.h"
#include "transform/internal/deps/package_spec.h"

namespace smelt::transform {

/// A version of a package of the hub.
struct HubVersion {
  std::string version;
  std::string archive;  ///< address of a .tar.gz
};

/// The newest version on the hub (DBT_PACKAGE_HUB_URL, or dbt's) that the specification takes.
/// Errors: kHttp… when the hub cannot be reached; kStoreNotFound for packages and versions that it does not have.
Result<HubVersion> FindOnHub(const PackageSpec& spec, std::stop_token stop);

/// The bytes at an address, across redirections. Errors: kHttp…, kStoreNotFound, kCancelled.
Result<std::string> Download(const std::string& address, std::stop_token stop);

}  // namespace smelt::transform
