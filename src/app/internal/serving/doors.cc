#include "app/internal/serving/doors.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "app/internal/project.h"
#include "base/secret.h"
#include "serve/http_server.h"

namespace smelt::app {
namespace {

constexpr const char* kTokenVariable = "SMELT_HTTP_TOKEN";
constexpr std::size_t kTokenBytesMin = 16;

Result<std::optional<Secret>> ReadToken() {
  auto token = SecretFromEnvironment(kTokenVariable);
  if (token && token->empty()) token.reset();
  if (token && token->Reveal().size() < kTokenBytesMin) {
    return Fail(
        Error(ErrorCode::kUsage, fmt::format("the token in {} is too short", kTokenVariable))
            .Hint(fmt::format("use {} characters or more, from a generator: openssl rand -hex 32", kTokenBytesMin)));
  }
  return token;
}

Result<std::shared_ptr<serve::TlsIdentity>> LoadTls(const DoorSettings& settings) {
  if (settings.tls_certificate.empty() != settings.tls_key.empty()) {
    return Fail(
        Error(ErrorCode::kUsage, "TLS needs a certificate and its key").Hint("give both --tls-cert and --tls-key"));
  }
  if (settings.tls_certificate.empty()) return std::shared_ptr<serve::TlsIdentity>();
  return serve::TlsIdentity::Load(settings.tls_certificate, settings.tls_key);
}

/// Other machines are served when it is known who calls, and nobody between can read along.
Status CheckReach(const DoorSettings& settings, const Doors& doors) {
  if (serve::IsLoopback(settings.bind)) return {};
  if (doors.authenticator->trusts_this_machine()) {
    return Fail(
        Error(ErrorCode::kUsage,
              fmt::format("without a token or users only this machine may call, and {} is not its own", settings.bind))
            .Hint(fmt::format("add users with `smelt users add NAME`, set {}, or bind to 127.0.0.1", kTokenVariable)));
  }
  if (doors.tls || settings.plain_elsewhere) return {};
  return Fail(Error(ErrorCode::kUsage,
                    fmt::format("without TLS only this machine is served, and {} is not its own", settings.bind))
                  .Hint("give --tls-cert and --tls-key; or --no-tls where a proxy in front of the server speaks TLS"));
}

}  // namespace

Result<Doors> PrepareDoors(const CommandContext& context, const DoorSettings& settings) {
  Doors doors{.bind = settings.bind};
  SMELT_ASSIGN(std::optional<Secret> token, ReadToken());
  doors.authenticator = std::make_shared<serve::Authenticator>(UsersPath(context.lake), std::move(token));
  SMELT_TRY(doors.authenticator->CheckFile());
  doors.authority = std::make_shared<const serve::Authority>(
      serve::AuthoritySettings{.read_only = settings.read_only, .outside_files = settings.outside_files});
  SMELT_ASSIGN(doors.tls, LoadTls(settings));
  SMELT_TRY(CheckReach(settings, doors));
  return doors;
}

void AddDoorOptions(CLI::App& command, DoorSettings& settings) {
  command
      .add_option("--bind", settings.bind,
                  "The address to listen on; another than this machine's wants users and a certificate")
      ->type_name("ADDRESS")
      ->capture_default_str();
  command.add_option("--tls-cert", settings.tls_certificate, "A certificate (PEM) with which both ports speak TLS")
      ->type_name("FILE");
  command.add_option("--tls-key", settings.tls_key, "The key of the certificate (PEM)")->type_name("FILE");
  command.add_flag("--no-tls", settings.plain_elsewhere,
                   "Serve other machines without TLS: a proxy in front of the server speaks it");
  command.add_flag("--read-only", settings.read_only, "Let nobody change the lake by SQL");
  command.add_flag("--allow-outside-files", settings.outside_files,
                   "Let operators read and write files of the server's machine by SQL");
}

}  // namespace smelt::app
