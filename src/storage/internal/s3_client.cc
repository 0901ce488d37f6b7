#include "storage/internal/s3_client.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <array>

#include "base/log.h"
#include "base/retry.h"
#include "storage/internal/s3_answers.h"

namespace smelt::storage::internal {
namespace {

std::string Sha256Hex(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return fmt::format("{:02x}", fmt::join(digest, ""));
}

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

}  // namespace

bool IsPassing(int status) {
  return status == 429 || status == 408 || (status >= 500 && status != 501 && status != 507);
}

Error ErrorOfAnswer(const S3Call& call, const std::string& bucket, const HttpResponse& response) {
  const S3Failure failure = ParseFailure(response.body);
  Error error(
      CodeOfAnswer(response.status, failure.code),
      fmt::format("{}: the service answered {}{}{}{}{}", Subject(call, bucket), response.status,
                  failure.code.empty() ? "" : " ", failure.code, failure.message.empty() ? "" : ": ", failure.message));
  if (response.status == 401 || response.status == 403) {
    return std::move(error).Hint("check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and what they may do");
  }
  return error;
}

HttpRequest S3Client::RequestFor(const S3Call& call) const {
  HttpRequest request;
  request.method = call.method;
  request.url = fmt::format("{}/{}{}{}{}", settings_.endpoint, PercentEncode(bucket_), call.key.empty() ? "" : "/",
                            PercentEncode(call.key, "/"), QueryText(call.query));
  request.headers = call.headers;
  request.headers.emplace_back("x-amz-content-sha256", Sha256Hex(call.body));
  if (!call.body.empty()) request.headers.emplace_back("Content-Type", "application/octet-stream");
  if (!settings_.session_token.empty()) {
    request.headers.emplace_back("x-amz-security-token", settings_.session_token.Reveal());
  }
  request.body = call.body;
  request.signature = AwsSignature{.region = settings_.region,
                                   .service = "s3",
                                   .access_key = settings_.access_key,
                                   .secret_key = settings_.secret_key};
  return request;
}

Result<HttpResponse> S3Client::SendOnce(const S3Call& call) {
  return http_.Send(RequestFor(call));
}

Result<HttpResponse> S3Client::Send(const S3Call& call) {
  for (int attempt = 1;; ++attempt) {
    const bool last = attempt >= settings_.retry.attempts_max;
    auto response = SendOnce(call);
    if (!response) {
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
