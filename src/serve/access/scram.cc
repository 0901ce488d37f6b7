#include "serve/access/scram.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <optional>
#include <utility>

#include "base/base64.h"
#include "base/digest.h"

namespace smelt::serve {
namespace {

constexpr std::size_t kDigestBytes = SHA256_DIGEST_LENGTH;

std::string Sha256(std::string_view bytes) {
  std::array<unsigned char, kDigestBytes> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string Xor(std::string_view one, std::string_view other) {
  std::string result(one);
  for (std::size_t i = 0; i < result.size() && i < other.size(); ++i)
    result[i] = static_cast<char>(result[i] ^ other[i]);
  return result;
}

Error Malformed(std::string_view what) {
  return Error(ErrorCode::kServeProtocol, fmt::format("the login by SCRAM cannot be understood: {}", what));
}

/// Takes the attribute `name=value` off the front of a list with commas; nothing when another one stands there.
std::optional<std::string_view> TakeAttribute(std::string_view& rest, char name) {
  if (rest.size() < 2 || rest[0] != name || rest[1] != '=') return std::nullopt;
  const std::size_t end = std::min(rest.find(','), rest.size());
  const std::string_view value = rest.substr(2, end - 2);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return value;
}

/// Whether the first part of a client's first message fits what was chosen: "n" (the client knows no channel binding),
/// "y" (it thinks that the server knows none) or "p=" and the kind of binding.
Status CheckFlag(std::string_view flag, ScramMechanism mechanism, bool offers_binding) {
  if (mechanism == ScramMechanism::kPlus) {
    if (!offers_binding) return Fail(Malformed("channel binding was not offered"));
    if (flag == "p=tls-server-end-point") return {};
    return Fail(Malformed("the only channel binding is tls-server-end-point"));
  }
  if (flag.starts_with("p=")) return Fail(Malformed("channel binding was not chosen"));
  if (flag == "y" && offers_binding) return Fail(Malformed("somebody took away that channel binding is offered"));
  if (flag == "n" || flag == "y") return {};
  return Fail(Malformed("its first message begins in an unknown way"));
}

}  // namespace

ScramVerifier MakeScramVerifier(std::string_view password, std::string_view salt, int iterations) {
  std::array<unsigned char, kDigestBytes> salted{};
  PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                    reinterpret_cast<const unsigned char*>(salt.data()), static_cast<int>(salt.size()), iterations,
                    EVP_sha256(), static_cast<int>(salted.size()), salted.data());
  const std::string key(reinterpret_cast<const char*>(salted.data()), salted.size());
  ScramVerifier verifier{.salt = std::string(salt), .iterations = iterations};
  verifier.stored_key = Sha256(HmacSha256(key, "Client Key"));
  verifier.server_key = HmacSha256(key, "Server Key");
  return verifier;
}

ScramExchange::ScramExchange(ScramVerifier verifier, std::string nonce, std::string end_point)
    : verifier_(std::move(verifier)), nonce_(std::move(nonce)), end_point_(std::move(end_point)) {}

Result<std::string> ScramExchange::First(std::string_view client_first, ScramMechanism mechanism) {
  const std::size_t flag_end = client_first.find(',');
  const std::size_t header_end = flag_end == std::string_view::npos ? flag_end : client_first.find(',', flag_end + 1);
  if (header_end == std::string_view::npos) return Fail(Malformed("its first message has no header"));
  SMELT_TRY(CheckFlag(client_first.substr(0, flag_end), mechanism, !end_point_.empty()));
  if (header_end != flag_end + 1) return Fail(Malformed("rights of another user are not given"));
  binding_ = client_first.substr(0, header_end + 1);
  if (mechanism == ScramMechanism::kPlus) binding_ += end_point_;
  const std::string_view bare = client_first.substr(header_end + 1);
  std::string_view rest = bare;
  // The name counts for nothing: the protocol around has told it before.
  if (!TakeAttribute(rest, 'n')) return Fail(Malformed("its first message names no user"));
  const auto client_nonce = TakeAttribute(rest, 'r');
  if (!client_nonce || client_nonce->empty()) return Fail(Malformed("its first message has no nonce"));
  all_nonce_ = std::string(*client_nonce) + nonce_;
  std::string answer = fmt::format("r={},s={},i={}", all_nonce_, Base64Encode(verifier_.salt), verifier_.iterations);
  transcript_ = std::string(bare) + "," + answer;
  return answer;
}

Result<std::string> ScramExchange::Final(std::string_view client_final) {
  std::string_view rest = client_final;
  const auto binding = TakeAttribute(rest, 'c');
  const auto nonce = TakeAttribute(rest, 'r');
  const std::size_t proof_begin = client_final.rfind(",p=");
  if (!binding || !nonce || proof_begin == std::string_view::npos)
    return Fail(Malformed("its last message is not whole"));
  if (Base64Decode(*binding) != binding_) return Fail(Malformed("it is bound to another channel"));
  if (transcript_.empty() || *nonce != all_nonce_) return Fail(Malformed("its nonce is another one"));
  const auto proof = Base64Decode(client_final.substr(proof_begin + 3));
  if (!proof || proof->size() != kDigestBytes) return Fail(Malformed("its proof is none"));
  const std::string message = fmt::format("{},{}", transcript_, client_final.substr(0, proof_begin));
  // ClientKey = ClientProof XOR HMAC(StoredKey, AuthMessage); right when its hash is the StoredKey.
  const std::string client_key = Xor(*proof, HmacSha256(verifier_.stored_key, message));
  const std::string hash = Sha256(client_key);
  if (CRYPTO_memcmp(hash.data(), verifier_.stored_key.data(), kDigestBytes) != 0) {
    return Fail(ErrorCode::kAccessUnknown, "name and password do not belong together");
  }
  return "v=" + Base64Encode(HmacSha256(verifier_.server_key, message));
}

}  // namespace smelt::serve
