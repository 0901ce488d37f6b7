#include "storage/internal/s3_client.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "base/log.h"
#include "base/retry.h"
#include "storage/internal/s3_answers.h"

namespace smelt::storage::internal {
namespace {

std::string QueryText(const QueryParameters& query) {
  std::string text;
  for (const auto& [name, value] : query) {
    text += fmt::format("{}{}={}", text.empty() ? "?" : "&", PercentEncode(name), PercentEncode(value));
  }
  return text;
}

std::string Subject(const S3Call& call, const std::string& bucket) {
  return fmt::format("{} s3://{}/{}", call.method, bucket, call.key);
}

ErrorCode CodeOfAnswer(int status, std::string_view code) {
  if (code == "QuotaExceeded" || status == 507) return ErrorCode::kStoreFull;
  if (status == 404) return ErrorCode::kStoreNotFound;
  // What the service understood and rejected will be rejected again: wrong keys, region or request.
  return IsPassing(status) ? ErrorCode::kStoreIo : ErrorCode::kStoreDenied;
}

/// What to do about an answer; empty where nobody can tell.
std::string HintOfAnswer(const std::string& bucket, std::string_view code, const HttpResponse& response) {
  const std::string region = response.Header("x-amz-bucket-region").value_or("");
  if (response.status == 301 || code == "AuthorizationHeaderMalformed" ||
      code == "IllegalLocationConstraintException") {
    return region.empty() ? fmt::format("set AWS_REGION to the region of the bucket {}", bucket)
                          : fmt::format("the bucket {0} is in the region {1}: set AWS_REGION={1}", bucket, region);
  }
  if (code == "RequestTimeTooSkewed") return "the clock of this machine is wrong: set it, or let NTP keep it";
  if (code == "ExpiredToken") return "the keys of this session have expired: get new ones";
  if (code == "InvalidAccessKeyId") return "the service does not know the access key: is it one of this endpoint?";
  if (code == "SignatureDoesNotMatch") return "the secret key does not belong to the access key";
  if (code == "NoSuchBucket") return "make the bucket first: smelt makes none";
  if (response.status == 401 || response.status == 403) {
    return "check the keys and what they may do in the bucket: list, get, put and delete objects";
  }
  return {};
}

}  // namespace

bool IsOfNetwork(ErrorCode code) {
  return code == ErrorCode::kHttpUnreachable || code == ErrorCode::kHttpInterrupted;
}

bool IsPassing(int status) {
  return status == 429 || status == 408 || (status >= 500 && status != 501 && status != 507);
}

Error ErrorOfAnswer(const S3Call& call, const std::string& bucket, const HttpResponse& response) {
  const S3Failure failure = ParseFailure(response.body);
  Error error(
      CodeOfAnswer(response.status, failure.code),
      fmt::format("{}: the service answered {}{}{}{}{}", Subject(call, bucket), response.status,
                  failure.code.empty() ? "" : " ", failure.code, failure.message.empty() ? "" : ": ", failure.message));
  std::string hint = HintOfAnswer(bucket, failure.code, response);
  return hint.empty() ? error : std::move(error).Hint(std::move(hint));
}

Result<HttpRequest> S3Client::RequestFor(const S3Call& call) const {
  SMELT_ASSIGN(const S3Keys keys, settings_.keys->Get());
  HttpRequest request;
  request.method = call.method;
  request.url = fmt::format("{}/{}{}{}{}", settings_.endpoint, PercentEncode(bucket_), call.key.empty() ? "" : "/",
                            PercentEncode(call.key, "/"), QueryText(call.query));
  request.headers = call.headers;
  request.headers.emplace_back("x-amz-content-sha256", Sha256Hex(call.body));
  if (!call.body.empty()) request.headers.emplace_back("Content-Type", "application/octet-stream");
  if (!keys.session_token.empty()) {
    request.headers.emplace_back("x-amz-security-token", keys.session_token.Reveal());
  }
  request.body = call.body;
  request.signature = AwsSignature{
      .region = settings_.region, .service = "s3", .access_key = keys.access_key, .secret_key = keys.secret_key};
  return request;
}

Result<HttpResponse> S3Client::SendOnce(const S3Call& call) {
  SMELT_ASSIGN(const HttpRequest request, RequestFor(call));
  return http_.Send(request);
}

Result<HttpResponse> S3Client::Send(const S3Call& call) {
  for (int attempt = 1;; ++attempt) {
    const bool last = attempt >= settings_.retry.attempts_max;
    auto response = SendOnce(call);
    if (!response && !IsOfNetwork(response.error().code())) {
      return Fail(std::move(response.error()));
    } else if (!response) {
      if (last) return Fail(ErrorCode::kStoreIo, response.error().message());
      WaitBefore(attempt + 1, call, response.error().message());
    } else if (IsPassing(response->status) && !last) {
      WaitBefore(attempt + 1, call, fmt::format("status {}", response->status));
    } else if (response->status / 100 == 2 || response->status == 404) {
      return response;
    } else {
      return Fail(ErrorOfAnswer(call, bucket_, *response));
    }
  }
}

void S3Client::WaitBefore(int attempt, const S3Call& call, std::string_view reason) const {
  const std::int64_t delay_ms = RetryDelayMs(settings_.retry, attempt);
  Log(LogLevel::kWarn, "storage.s3.retry",
      {{"call", Subject(call, bucket_)}, {"attempt", attempt}, {"delay_ms", delay_ms}, {"reason", reason}});
  SleepFor(delay_ms, {});
}

}  // namespace smelt::storage::internal
