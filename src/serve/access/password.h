#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"

namespace smelt::serve {

/// A password's hash by scrypt (RFC 7914), with what it takes to compute it again. Bytes, not text.
struct PasswordHash {
  int cost = 0;      ///< N, a power of two: 128 * N * block bytes of memory
  int block = 0;     ///< r
  int parallel = 0;  ///< p
  std::string salt{};
  std::string hash{};
};

/// Hashes a password with a fresh salt. Takes 32 MiB and some tenths of a second. Thread-safe; few run at once.
PasswordHash HashPassword(const Secret& password);
/// Whether a password is the one that was hashed; as long as HashPassword takes, whatever comes out. Thread-safe.
bool IsPassword(const Secret& password, const PasswordHash& hash);
/// A hash that no password has, to spend the same time on a name that there is not.
PasswordHash NobodysHash();

/// Errors: kUsage for a password that is too short, too long or has other than printable ASCII characters: clients
/// prepare those in different ways before they prove that they know them.
Status CheckPassword(const Secret& password);

/// Random bytes of the system's generator for keys.
std::string RandomBytes(std::size_t count);
/// The same as lower-case hex: twice as many characters.
std::string RandomHex(std::size_t bytes);

}  // namespace smelt::serve
