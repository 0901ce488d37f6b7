#pragma once

#include <memory>
#include <string>

#include "app/internal/command.h"
#include "base/error.h"
#include "serve/access/authenticator.h"
#include "serve/access/authority.h"
#include "serve/access/tls.h"

namespace smelt::app {

/// What the command line says of who may reach a server.
struct DoorSettings {
  std::string bind = "127.0.0.1";  ///< the address to listen on
  std::string tls_certificate{};   ///< a file; with `tls_key`, or both empty
  std::string tls_key{};
  bool plain_elsewhere = false;  ///< other machines may be served without TLS: something in front of the server has it
  bool read_only = false;
  bool outside_files = false;
};

/// What all doors of a server share: who is who, who may do what, and how bytes are kept secret. The parts are
/// thread-safe; a value type.
struct Doors {
  std::string bind{};
  std::shared_ptr<serve::Authenticator> authenticator{};
  std::shared_ptr<const serve::Authority> authority{};
  std::shared_ptr<serve::TlsIdentity> tls{};  ///< empty: none
};

/// Opens the file of users of the context's lake, reads SMELT_HTTP_TOKEN and the certificate.
/// Errors: kUsage for a short token, half of a certificate, and an address that other machines reach where nobody is
/// known or nothing is secret; those of ReadUsers and TlsIdentity::Load.
Result<Doors> PrepareDoors(const CommandContext& context, const DoorSettings& settings);

/// Adds the options of a server that set DoorSettings; `settings` outlives the command.
void AddDoorOptions(CLI::App& command, DoorSettings& settings);

}  // namespace smelt::app
