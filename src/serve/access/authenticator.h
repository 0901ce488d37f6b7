#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"
#include "serve/access/identity.h"
#include "serve/access/scram.h"

namespace smelt::serve {

/// A login by SCRAM that was begun. Confined to one thread.
class ScramLogin {
 public:
  virtual ~ScramLogin() = default;
  /// As ScramExchange::First and Final; Final also tells the delay of failures of how it went. A name that there is
  /// not fails at Final, as a wrong password does.
  virtual Result<std::string> First(std::string_view client_first, ScramMechanism mechanism) = 0;
  virtual Result<std::string> Final(std::string_view client_final) = 0;
  /// Who it is. Only after Final succeeded.
  virtual Identity identity() const = 0;
};

/// Finds out who a caller is, for both doors: by users' passwords, their tokens, and the server's own token. Repeated
/// failures of a name or an address make it wait, longer each time. Thread-safe.
class Authenticator {
 public:
  /// `users` is the path of the file of users, which may be absent; it is read again when it changed.
  /// `server_token` lets an operator in over HTTP (SMELT_HTTP_TOKEN).
  Authenticator(std::string users, std::optional<Secret> server_token);
  ~Authenticator();

  /// Whether there is nobody to tell apart: no user and no token of the server. Then this machine is trusted under any
  /// name, and nobody else gets in. A file of users that cannot be read trusts nobody.
  bool trusts_this_machine() const;
  /// Whether there are users. The PostgreSQL door knows nobody else: a server token alone opens HTTP only.
  bool has_users() const;
  /// Errors: those of ReadUsers, for a server that begins.
  Status CheckFile() const;

  /// Lets this machine in where trusts_this_machine(). Errors: kAccessUnknown.
  Result<Identity> Trust(std::string_view name, std::string_view address, Door door) const;
  /// By name and password. Errors: kAccessUnknown, the same text for a wrong name and a wrong password; kServeBusy
  /// while this name or address has to wait, with the seconds. Takes some tenths of a second, unless the same was right
  /// a short time ago: call it on a thread that may wait.
  Result<Identity> Login(std::string_view name, const Secret& password, std::string_view address, Door door);
  /// By a token of a user or the server's. Errors: as Login. Quick.
  Result<Identity> LoginByToken(const Secret& token, std::string_view address, Door door);
  /// Begins a login by SCRAM-SHA-256; `end_point` as for ScramExchange. Errors: kServeBusy as Login.
  Result<std::unique_ptr<ScramLogin>> BeginScram(std::string_view name, std::string_view address,
                                                 std::string end_point = {});
  /// The user as it is now, nothing when it is gone: for sessions that live long.
  std::optional<Identity> Find(std::string_view name, Door door) const;
  /// Another text whenever the user's password or role changed; empty when it is gone.
  std::string StampOf(std::string_view name) const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// Whether two texts are equal, in a time that tells nothing of where they differ.
bool EqualInConstantTime(std::string_view one, std::string_view other);

}  // namespace smelt::serve
