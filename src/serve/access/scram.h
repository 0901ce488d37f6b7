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

/// What a client chose of what it was offered.
enum class ScramMechanism : std::uint8_t {
  kPlain,  ///< SCRAM-SHA-256
  kPlus,   ///< SCRAM-SHA-256-PLUS: bound to the channel, so that nobody in between can pass it on
};

/// The server's side of one login by SCRAM-SHA-256, bound to the channel by tls-server-end-point (RFC 5929) where the
/// client wants it. Confined to one thread.
class ScramExchange {
 public:
  /// `nonce` is the server's part: printable, without a comma, fresh for every login. `end_point` is what the channel
  /// is known by (EndPointOf); empty when kPlus is not offered.
  ScramExchange(ScramVerifier verifier, std::string nonce, std::string end_point = {});

  /// Takes the client's first message and answers with the server's first.
  /// Errors: kServeProtocol for a message that is none, does not fit the mechanism, or asks for another user's rights;
  /// for one of a client that could bind and was told that the server cannot.
  Result<std::string> First(std::string_view client_first, ScramMechanism mechanism = ScramMechanism::kPlain);
  /// Takes the client's last message and answers with the server's last, which proves the server to the client.
  /// Errors: kServeProtocol for a message that is none; kAccessUnknown when the proof is wrong.
  Result<std::string> Final(std::string_view client_final);

 private:
  ScramVerifier verifier_;
  std::string nonce_;
  std::string end_point_;
  std::string binding_;     ///< the header that the client sent, and what it is bound to: it must repeat both
  std::string all_nonce_;   ///< the client's part and the server's
  std::string transcript_;  ///< client-first-bare "," server-first
};

}  // namespace smelt::serve
