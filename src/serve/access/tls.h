#pragma once

#include <memory>
#include <string>

#include "base/error.h"

struct ssl_st;  // NOLINT(readability-identifier-naming): the name that OpenSSL gave it

namespace boost::asio::ssl {
class context;  // NOLINT(readability-identifier-naming): the name that Boost gave it
}

namespace smelt::serve {

/// The certificate and key of a server, for all of its doors: TLS 1.2 or newer. When the files change, connections that
/// begin later get the new ones; files that will not do change nothing and are told to the log. Thread-safe.
class TlsIdentity {
 public:
  /// Reads a certificate, with those that vouch for it behind it, and its key, both PEM.
  /// Errors: kStoreNotFound, kStoreDenied; kUsage for files that are no certificate and key, or do not belong together.
  static Result<std::shared_ptr<TlsIdentity>> Load(const std::string& certificate, const std::string& key);
  ~TlsIdentity();

  /// What a new connection takes.
  std::shared_ptr<boost::asio::ssl::context> context();

 private:
  struct Impl;
  explicit TlsIdentity(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// What a connection's own certificate is known by: tls-server-end-point of RFC 5929, section 4.1. Empty when that is
/// not defined, as for a certificate signed by Ed25519.
std::string EndPointOf(const ssl_st* connection);

}  // namespace smelt::serve
