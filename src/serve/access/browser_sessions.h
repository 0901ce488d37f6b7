#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "serve/access/identity.h"

namespace smelt::serve {

/// The logins of browsers: a cookie stands for a user until it is logged out, has not been seen for some hours, or the
/// user's password or role changed. They are gone when the server ends. Bounded: the one that was not seen for longest
/// gives way. Thread-safe.
class BrowserSessions {
 public:
  explicit BrowserSessions(std::size_t sessions_max = 10'000);

  struct Session {
    Identity identity{};
    std::string stamp{};       ///< the user's when it began
    std::string csrf_token{};  ///< what its pages send with everything that changes something
    std::int64_t began_us = 0;
    std::int64_t seen_us = 0;
  };

  /// Begins one, and answers with the value of its cookie. Only a digest of that is kept.
  std::string Begin(Identity identity, std::string stamp, std::int64_t now_us);
  /// The session of a cookie's value, which is thereby seen; nothing when there is none or its time is up.
  std::optional<Session> Find(std::string_view cookie, std::int64_t now_us);
  void End(std::string_view cookie);
  /// The token of pages that are let in without a login.
  const std::string& local_csrf_token() const { return local_csrf_token_; }

 private:
  const std::size_t sessions_max_;
  const std::string local_csrf_token_;
  std::mutex lock_;
  std::map<std::string, Session> sessions_;  ///< by the digest of the cookie's value
};

/// The name of the cookie.
inline constexpr std::string_view kSessionCookie = "smelt_session";

/// The value of a cookie of the header `Cookie`; nothing when it is not there.
std::optional<std::string_view> CookieValue(std::string_view header, std::string_view name);

}  // namespace smelt::serve
