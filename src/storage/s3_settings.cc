#include "storage/s3_settings.h"

#include <fmt/format.h>

#include <cstdlib>
#include <initializer_list>

namespace smelt::storage {
namespace {

/// The value of the first variable that is set and not empty.
std::string FirstSet(std::initializer_list<const char*> variables) {
  for (const char* variable : variables) {
    const char* value = std::getenv(variable);
    if (value != nullptr && *value != '\0') return value;
  }
  return {};
}

Status CheckEndpoint(const std::string& endpoint) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!endpoint.starts_with(scheme)) continue;
    const std::string_view host = std::string_view(endpoint).substr(scheme.size());
    if (!host.empty() && host.find_first_of("/?#@ ") == std::string_view::npos) return {};
  }
  return Fail(Error(ErrorCode::kConfigValueInvalid, fmt::format("the S3 endpoint '{}' is not an address", endpoint))
                  .Hint("set AWS_ENDPOINT_URL to http://host:port or https://host"));
}

}  // namespace

Result<S3Settings> S3SettingsFromEnvironment() {
  S3Settings settings;
  settings.access_key = FirstSet({"AWS_ACCESS_KEY_ID"});
  settings.secret_key = SecretFromEnvironment("AWS_SECRET_ACCESS_KEY").value_or(Secret());
  settings.session_token = SecretFromEnvironment("AWS_SESSION_TOKEN").value_or(Secret());
  if (settings.access_key.empty() || settings.secret_key.empty()) {
    return Fail(Error(ErrorCode::kConfigKeyMissing, "there are no keys for S3 in the environment")
                    .Hint("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"));
  }
  settings.region = FirstSet({"AWS_REGION", "AWS_DEFAULT_REGION"});
  if (settings.region.empty()) settings.region = "us-east-1";
  settings.endpoint = FirstSet({"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"});
  if (settings.endpoint.empty()) settings.endpoint = fmt::format("https://s3.{}.amazonaws.com", settings.region);
  while (settings.endpoint.ends_with('/')) settings.endpoint.pop_back();
  SMELT_TRY(CheckEndpoint(settings.endpoint));
  return settings;
}

}  // namespace smelt::storage
