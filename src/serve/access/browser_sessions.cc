#include "serve/access/browser_sessions.h"

#include <algorithm>
#include <utility>

#include "base/digest.h"
#include "serve/access/password.h"

namespace smelt::serve {
namespace {

constexpr std::int64_t kHourUs = 3'600'000'000;
constexpr std::int64_t kUnseenUsMax = 12 * kHourUs;
constexpr std::int64_t kAgeUsMax = 7 * 24 * kHourUs;
constexpr std::size_t kTokenBytes = 32;

}  // namespace

BrowserSessions::BrowserSessions(std::size_t sessions_max)
    : sessions_max_(sessions_max), local_csrf_token_(RandomHex(kTokenBytes)) {}

std::string BrowserSessions::Begin(Identity identity, std::string stamp, std::int64_t now_us) {
  std::string cookie = RandomHex(kTokenBytes);
  Session session{.identity = std::move(identity),
                  .stamp = std::move(stamp),
                  .csrf_token = RandomHex(kTokenBytes),
                  .began_us = now_us,
                  .seen_us = now_us};
  const std::lock_guard guard(lock_);
  if (sessions_.size() >= sessions_max_) {
    sessions_.erase(std::ranges::min_element(sessions_, {}, [](const auto& item) { return item.second.seen_us; }));
  }
  sessions_.emplace(Sha256Hex(cookie), std::move(session));
  return cookie;
}

std::optional<BrowserSessions::Session> BrowserSessions::Find(std::string_view cookie, std::int64_t now_us) {
  const std::lock_guard guard(lock_);
  const auto found = sessions_.find(Sha256Hex(cookie));
  if (found == sessions_.end()) return std::nullopt;
  Session& session = found->second;
  if (now_us - session.seen_us > kUnseenUsMax || now_us - session.began_us > kAgeUsMax) {
    sessions_.erase(found);
    return std::nullopt;
  }
  session.seen_us = std::max(session.seen_us, now_us);
  return session;
}

void BrowserSessions::End(std::string_view cookie) {
  const std::lock_guard guard(lock_);
  sessions_.erase(Sha256Hex(cookie));
}

std::optional<std::string_view> CookieValue(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    std::string_view pair = header.substr(0, header.find(';'));
    header.remove_prefix(std::min(pair.size() + 1, header.size()));
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
  }
  return std::nullopt;
}

}  // namespace smelt::serve
