#include "storage/object_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "storage/internal/key.h"
#include "storage/s3_settings.h"

namespace smelt::storage {
namespace {

/// `place` is "bucket" or "bucket/prefix".
Result<std::unique_ptr<ObjectStore>> OpenBucket(std::string_view place) {
  while (place.ends_with('/')) place.remove_suffix(1);
  if (!internal::CheckKey(place)) {
    return Fail(Error(ErrorCode::kConfigValueInvalid, fmt::format("'s3://{}' names no place in a bucket", place))
                    .Hint("write it as s3://bucket/prefix"));
  }
  SMELT_ASSIGN(S3Settings settings, S3SettingsFromEnvironment());
  const std::size_t end = std::min(place.find('/'), place.size());
  const std::string_view prefix = place.substr(std::min(end + 1, place.size()));
  return OpenS3Store(std::move(settings), std::string(place.substr(0, end)), std::string(prefix));
}

}  // namespace

Result<std::unique_ptr<ObjectStore>> OpenStore(const std::string& address) {
  constexpr std::string_view kFileScheme = "file://";
  constexpr std::string_view kS3Scheme = "s3://";
  if (address.empty()) return Fail(ErrorCode::kConfigValueInvalid, "the address of a store is empty");
  if (address.starts_with("file:///")) return OpenLocalStore(address.substr(kFileScheme.size()));
  if (address.starts_with(kS3Scheme)) return OpenBucket(std::string_view(address).substr(kS3Scheme.size()));
  if (address.find("://") == std::string::npos) return OpenLocalStore(address);
  return Fail(Error(ErrorCode::kConfigValueInvalid, fmt::format("the scheme of '{}' is not supported", address))
                  .Hint("use a folder, file:///folder or s3://bucket/prefix"));
}

}  // namespace smelt::storage
