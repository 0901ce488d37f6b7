#pragma once

#include <string>
#include <string_view>

namespace smelt {

/// The MD5 digest as 32 lower-case hex characters (RFC 1321): identities that other programs compute too, no defence
/// against forgery.
std::string Md5Hex(std::string_view bytes);
/// The SHA-1 digest as 40 lower-case hex characters (FIPS 180-4): for the same use.
std::string Sha1Hex(std::string_view bytes);
/// The SHA-256 digest as 64 lower-case hex characters (FIPS 180-4).
std::string Sha256Hex(std::string_view bytes);
/// The keyed digest HMAC-SHA-256 as 32 bytes (RFC 2104): proof that a message comes from who has the key.
std::string HmacSha256(std::string_view key, std::string_view bytes);

}  // namespace smelt
