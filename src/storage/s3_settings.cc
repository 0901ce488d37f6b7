#include "storage/s3_settings.h"

#include <fmt/format.h>

#include <cstdlib>
#include <initializer_list>

#include "storage/internal/aws_profile.h"

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

std::string ValueOr(const internal::AwsProfile& profile, const char* name, const std::string& otherwise) {
  const auto found = profile.find(name);
  return found == profile.end() || found->second.empty() ? otherwise : found->second;
}

/// Nothing where the profile tells neither variables nor a file of a token.
std::shared_ptr<S3KeySource> WebIdentityKeys(const internal::AwsProfile& profile, const std::string& region) {
  WebIdentity identity;
  identity.token_file = FirstSet({"AWS_WEB_IDENTITY_TOKEN_FILE"});
  identity.role = FirstSet({"AWS_ROLE_ARN"});
  if (identity.token_file.empty()) identity.token_file = ValueOr(profile, "web_identity_token_file", "");
  if (identity.role.empty()) identity.role = ValueOr(profile, "role_arn", "");
  if (identity.token_file.empty() || identity.role.empty()) return nullptr;
  identity.session_name = FirstSet({"AWS_ROLE_SESSION_NAME"});
  if (identity.session_name.empty()) identity.session_name = ValueOr(profile, "role_session_name", "smelt");
  identity.endpoint = FirstSet({"AWS_ENDPOINT_URL_STS"});
  if (identity.endpoint.empty()) identity.endpoint = fmt::format("https://sts.{}.amazonaws.com", region);
  while (identity.endpoint.ends_with('/')) identity.endpoint.pop_back();
  return WebIdentityS3Keys(std::move(identity));
}

/// Nothing where the variables do not tell both.
std::shared_ptr<S3KeySource> KeysOfVariables() {
  S3Keys keys{.access_key = FirstSet({"AWS_ACCESS_KEY_ID"}),
              .secret_key = SecretFromEnvironment("AWS_SECRET_ACCESS_KEY").value_or(Secret()),
              .session_token = SecretFromEnvironment("AWS_SESSION_TOKEN").value_or(Secret())};
  if (keys.access_key.empty() || keys.secret_key.empty()) return nullptr;
  return FixedS3Keys(std::move(keys));
}

/// Nothing where the profile does not tell both.
std::shared_ptr<S3KeySource> KeysOfProfile(const internal::AwsProfile& profile) {
  S3Keys keys{.access_key = ValueOr(profile, "aws_access_key_id", ""),
              .secret_key = Secret(ValueOr(profile, "aws_secret_access_key", "")),
              .session_token = Secret(ValueOr(profile, "aws_session_token", ""))};
  if (keys.access_key.empty() || keys.secret_key.empty()) return nullptr;
  return FixedS3Keys(std::move(keys));
}

Result<std::shared_ptr<S3KeySource>> FindKeys(const internal::AwsProfile& profile, const std::string& profile_name,
                                              const std::string& region) {
  if (auto keys = KeysOfVariables()) return keys;
  const bool of_profile = FirstSet({"AWS_WEB_IDENTITY_TOKEN_FILE"}).empty();
  if (of_profile) {
    if (auto keys = KeysOfProfile(profile)) return keys;
  }
  if (auto keys = WebIdentityKeys(profile, region)) return keys;
  for (const char* setting : {"sso_session", "sso_start_url", "credential_process", "source_profile"}) {
    if (!profile.contains(setting)) continue;
    return Fail(
        Error(ErrorCode::kConfigKeyMissing,
              fmt::format("the profile '{}' gets its keys by '{}', which smelt cannot", profile_name, setting))
            .Hint(fmt::format("set keys with: eval \"$(aws configure export-credentials --profile {} --format env)\"",
                              profile_name)));
  }
  return Fail(Error(ErrorCode::kConfigKeyMissing, "there are no keys for S3")
                  .Hint("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or AWS_ROLE_ARN with "
                        "AWS_WEB_IDENTITY_TOKEN_FILE"));
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
  const internal::AwsProfileFiles files = internal::AwsProfileFilesFromEnvironment();
  SMELT_ASSIGN(const internal::AwsProfile profile, internal::ReadAwsProfile(files));
  settings.region = FirstSet({"AWS_REGION", "AWS_DEFAULT_REGION"});
  if (settings.region.empty()) settings.region = ValueOr(profile, "region", "us-east-1");
  SMELT_ASSIGN(settings.keys, FindKeys(profile, files.profile, settings.region));
  settings.endpoint = FirstSet({"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"});
  if (settings.endpoint.empty()) {
    settings.endpoint = ValueOr(profile, "endpoint_url", fmt::format("https://s3.{}.amazonaws.com", settings.region));
  }
  while (settings.endpoint.ends_with('/')) settings.endpoint.pop_back();
  SMELT_TRY(CheckEndpoint(settings.endpoint));
  return settings;
}

}  // namespace smelt::storage
