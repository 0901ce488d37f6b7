#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace smelt::serve {

/// What a server keeps to check SCRAM-SHA-256 (RFC 5802, 7677): with it alone nobody can log in. Bytes, not text.
struct ScramVerifier {
  std::string salt{};
  int iterations = 0;
  std::string stored_key{};
  std::string server_key{};
};

/// Makes the verifier of a password, whose text is taken as UTF-8 without normalisation. Takes some milliseconds.
ScramVerifier MakeScramVerifier(std::string_view password, std::string_view salt, int iterations);

/// The server's side of one login by SCRAM-SHA-256, without channel binding. Confined to one thread.
class ScramExchange {
 public:
  /// `nonce` is the server's part: printable, without a comma, fresh for every login.
  ScramExchange(ScramVerifier verifier, std::string nonce);

  /// Takes the client's first message and answers with the server's first.
  /// Errors: kServeProtocol for a message that is none, or asks for channel binding or another user's rights.
  Result<std::string> First(std::string_view client_first);
  /// Takes the client's last message and answers with the server's last, which proves the server to the client.
  /// Errors: kServeProtocol for a message that is none; kAccessUnknown when the proof is wrong.
  Result<std::string> Final(std::string_view client_final);

 private:
  ScramVerifier verifier_;
  std::string nonce_;
  std::string gs2_header_;  ///< as the client sent it: it must repeat it
  std::string all_nonce_;   ///< the client's part and the server's
  std::string transcript_;  ///< client-first-bare "," server-first
};

}  // namespace smelt::serve
