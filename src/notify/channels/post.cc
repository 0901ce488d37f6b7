#include "notify/channels/post.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/clock.h"
#include "notify/internal/alert_text.h"

namespace smelt::notify::channels {
namespace {

constexpr std::size_t kAnswerShown = 200;

/// Scheme and host: paths of webhooks are passwords.
std::string HostOf(std::string_view url) {
  const auto scheme = url.find("://");
  const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  std::string_view host = url.substr(begin, url.find_first_of("/?#", begin) - begin);
  if (const auto at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
  return std::string(host);
}

bool MayPass(int status) {
  constexpr int kTimeout = 408, kTooEarly = 425, kTooMany = 429, kServerError = 500;
  return status == kTimeout || status == kTooEarly || status == kTooMany || status >= kServerError;
}

Error RefusalOf(const std::string& host, const HttpResponse& response) {
  std::string message = fmt::format("{} answered {}", host, response.status);
  if (!response.body.empty()) {
    message += ": " + internal::CutText(internal::OneLineOf(response.body), kAnswerShown);
  }
  if (!MayPass(response.status)) {
    constexpr int kUnauthorized = 401, kForbidden = 403, kNotFound = 404;
    Error error(ErrorCode::kAlertRefused, std::move(message));
    const bool is_key =
        response.status == kUnauthorized || response.status == kForbidden || response.status == kNotFound;
    return is_key ? std::move(error).Hint("check the address and the key of the channel") : error;
  }
  if (const auto wait = response.Header("retry-after")) message += fmt::format(" (retry after {})", *wait);
  return Error(ErrorCode::kAlertDelayed, std::move(message));
}

/// The value of Retry-After: seconds, or a moment (RFC 9110, section 10.2.3).
std::int64_t WaitMs(const HttpResponse& response) {
  constexpr std::int64_t kSecond = 1'000, kDayMs = 86'400'000;
  const auto text = response.Header("retry-after");
  if (!text) return 0;
  std::int64_t seconds = 0;
  const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (problem == std::errc() && end == text->data() + text->size()) {
    return std::clamp<std::int64_t>(seconds, 0, kDayMs / kSecond) * kSecond;
  }
  const auto moment_us = ParseHttpDate(*text);
  return moment_us ? std::clamp<std::int64_t>((*moment_us - NowMicros()) / kSecond, 0, kDayMs) : 0;
}

}  // namespace

Sent SendPost(HttpClient& client, const Channel& channel, const Post& post, std::stop_token stop) {
  HttpRequest request;
  request.method = "POST";
  request.url = post.url;
  request.headers = post.headers;
  request.headers.emplace_back("Content-Type", post.content_type);
  request.body = post.body;
  request.timeout_ms = channel.timeout_ms;
  request.stop = std::move(stop);
  const std::string host = HostOf(post.url);
  const auto response = client.Send(request);
  if (!response) {
    if (response.error().code() == ErrorCode::kCancelled)
      return {Fail(ErrorCode::kCancelled, "the alert was not sent")};
    // The client's message holds the address; what it says behind that is the cause.
    const std::string& message = response.error().message();
    const auto cause = message.rfind(": ");
    return {Fail(ErrorCode::kAlertDelayed,
                 fmt::format("{}: {}", host, cause == std::string::npos ? "no answer" : message.substr(cause + 2)))};
  }
  constexpr int kOk = 200, kRedirect = 300;
  if (response->status >= kOk && response->status < kRedirect) return {};
  return {Fail(RefusalOf(host, *response)), WaitMs(*response)};
}

}  // namespace smelt::notify::channels
