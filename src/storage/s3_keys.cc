#include "storage/s3_keys.h"

#include <fmt/format.h>

#include <mutex>
#include <optional>

#include "base/clock.h"
#include "base/file.h"
#include "base/http.h"
#include "storage/internal/s3_answers.h"

namespace smelt::storage {
namespace {

/// Keys are renewed this long before they expire, so that what begins with them also ends with them.
constexpr std::int64_t kRenewBeforeMs = 300'000;

class FixedKeys : public S3KeySource {
 public:
  explicit FixedKeys(S3Keys keys) : keys_(std::move(keys)) {}
  Result<S3Keys> Get() override { return keys_; }

 private:
  const S3Keys keys_;
};

std::string WithoutLineEnd(std::string text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

class WebIdentityKeys : public S3KeySource {
 public:
  explicit WebIdentityKeys(WebIdentity identity) : identity_(std::move(identity)) {}

  Result<S3Keys> Get() override {
    const std::lock_guard lock(mutex_);
    if (!keys_ || keys_->expires_ms - kRenewBeforeMs <= NowMillis()) {
      SMELT_ASSIGN(keys_, Fetch());
    }
    return *keys_;
  }

 private:
  Result<S3Keys> Fetch() {
    auto token = ReadWholeFile(identity_.token_file);
    if (!token) {
      return Fail(Error(ErrorCode::kConfigValueInvalid, fmt::format("the token of the role {} cannot be read: {}",
                                                                    identity_.role, token.error().message()))
                      .Hint("AWS_WEB_IDENTITY_TOKEN_FILE names the file"));
    }
    const Secret body(
        fmt::format("Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn={}&RoleSessionName={}"
                    "&WebIdentityToken={}",
                    PercentEncode(identity_.role), PercentEncode(identity_.session_name),
                    PercentEncode(WithoutLineEnd(std::move(*token)))));
    HttpRequest request{.method = "POST", .url = identity_.endpoint + "/", .body = body.Reveal()};
    request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    auto response = http_.Send(request);
    if (!response) {
      return Fail(ErrorCode::kStoreIo,
                  fmt::format("the token service {}: {}", identity_.endpoint, response.error().message()));
    }
    if (response->status == 200) return internal::ParseRoleKeys(response->body);
    const internal::S3Failure failure = internal::ParseTokenFailure(response->body);
    return Fail(
        Error(ErrorCode::kStoreDenied, fmt::format("the token service {} answered {} {}: {}", identity_.endpoint,
                                                   response->status, failure.code, failure.message))
            .Hint(fmt::format("the role is {}, the token that of {}", identity_.role, identity_.token_file)));
  }

  const WebIdentity identity_;
  std::mutex mutex_;
  std::optional<S3Keys> keys_;
  HttpClient http_;
};

}  // namespace

std::shared_ptr<S3KeySource> FixedS3Keys(S3Keys keys) {
  return std::make_shared<FixedKeys>(std::move(keys));
}

std::shared_ptr<S3KeySource> WebIdentityS3Keys(WebIdentity identity) {
  return std::make_shared<WebIdentityKeys>(std::move(identity));
}

}  // namespace smelt::storage
