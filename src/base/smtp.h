#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/secret.h"

namespace smelt {

/// How the way to a mail server is protected.
enum class MailEncryption : std::uint8_t {
  kStartTls,  ///< plain at first, then TLS before anything is said; a server without it is an error
  kTls,       ///< TLS from the first byte
  kNone,      ///< nothing: for a server on the same machine
};

/// A server that takes mail for delivery, and how to log in to it.
struct MailServer {
  std::string host = {};
  int port = 587;
  MailEncryption encryption = MailEncryption::kStartTls;
  std::string username = {};  ///< empty: no login
  Secret password = {};
  std::string ca_file = {};  ///< PEM certificates to trust instead of the system's; empty: the system's
  std::int64_t connect_timeout_ms = 10'000;
  std::int64_t timeout_ms = 60'000;  ///< for the whole exchange
};

/// A message and its envelope. Addresses are bare: "alerts@example.com".
struct Mail {
  std::string sender = {};
  std::vector<std::string> recipients = {};
  std::string_view content = {};  ///< headers and body as RFC 5322 has them, lines ended by CRLF
};

/// Hands a message over to a server. When it returns success, the server has accepted it for all recipients.
/// Thread-safe; blocks.
/// Errors: kMailUnsent (unreachable, a broken connection, a 4xx reply: the same message may be sent again),
/// kMailRefused (a 5xx reply, a certificate that is not trusted, no TLS where it is wanted), kCancelled.
Status SendMail(const MailServer& server, const Mail& mail, std::stop_token stop = {});

}  // namespace smelt
