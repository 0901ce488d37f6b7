#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "serve/access/identity.h"
#include "serve/access/password.h"
#include "serve/access/scram.h"

namespace smelt::serve {

/// A token of a user: what proves to be him without his password. The text itself is not kept.
struct TokenRecord {
  std::string name{};  ///< what its maker calls it
  std::string user{};
  std::string digest{};  ///< SHA-256 of the text, hex: the text is random and long, a slow hash would add nothing
  std::int64_t made_us = 0;
  std::int64_t ends_us = 0;  ///< 0: never
};

struct UserRecord {
  std::string name{};
  Role role = Role::kReader;
  PasswordHash password{};  ///< for HTTP
  ScramVerifier scram{};    ///< for the PostgreSQL door
  std::string stamp{};      ///< another one whenever password or role change: it ends sessions that began before
  std::int64_t made_us = 0;
};

/// The users of a lake and their tokens. A value type.
struct Users {
  std::map<std::string, UserRecord> users{};  ///< by name
  std::vector<TokenRecord> tokens{};
  std::string decoy{};  ///< random bytes from which names that there are not get the salt that they always have

  const UserRecord* Find(std::string_view name) const;
};

/// A user's record with a fresh stamp. Takes some tenths of a second.
UserRecord MakeUser(std::string name, Role role, const Secret& password);

/// Errors: kUsage for a name that is empty, longer than 63 characters or has others than letters, digits and _ . @ -.
Status CheckUserName(std::string_view name);

/// The file that keeps users: JSON, readable by its owner alone, replaced as a whole.
/// Reads it; an absent one has no users. Errors: kStoreDenied, kStoreIo; kConfigSyntax and kConfigValueInvalid, which
/// repeat nothing of it; kAccessDenied when others than its owner may read it.
Result<Users> ReadUsers(const std::string& path);
/// Reads it, changes it and writes it while no other process does. What `change` fails of is returned, and nothing is
/// written. Errors: those of ReadUsers, kStateLocked, kStoreFull.
Status ChangeUsers(const std::string& path, const std::function<Status(Users&)>& change);

}  // namespace smelt::serve
