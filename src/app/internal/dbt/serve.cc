#include <fmt/format.h>
#include <spawn.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>

#include "app/internal/dbt/commands.h"
#include "app/internal/dbt/docs_server.h"

namespace smelt::app {
namespace {

constexpr std::int64_t kPortMax = 65'535;

/// Opens the address in the desktop's browser, where there is a desktop.
void OpenInBrowser(std::string address) {
  if (std::getenv("DISPLAY") == nullptr && std::getenv("WAYLAND_DISPLAY") == nullptr) return;
  std::string program = "xdg-open";
  std::array<char*, 3> words = {program.data(), address.data(), nullptr};
  pid_t child = 0;
  (void)posix_spawnp(&child, program.c_str(), nullptr, nullptr, words.data(), environ);
}

}  // namespace

Result<int> RunDocsServe(DbtInvocation& invocation) {
  const std::string& target = invocation.options.target_dir;
  if (!std::filesystem::exists(std::filesystem::path(target) / "index.html")) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("there is no page in '{}'", target))
                    .Hint("run `smelt docs generate` first"));
  }
  DocsAddress address;
  if (const std::string host = invocation.flags.Text("host"); !host.empty()) address.host = host;
  const std::int64_t port = invocation.flags.Number("port").value_or(address.port);
  if (port < 0 || port > kPortMax) {
    return Fail(ErrorCode::kUsage, fmt::format("--port: {} is not between 0 and {}", port, kPortMax));
  }
  address.port = static_cast<std::uint16_t>(port);
  SMELT_ASSIGN(const DocsServer server, DocsServer::Listen(address));
  const bool is_everywhere = address.host == "127.0.0.1" || address.host == "0.0.0.0";
  const std::string url = fmt::format("http://{}:{}", is_everywhere ? "localhost" : address.host, server.port());
  std::cout << fmt::format("Serving docs at {}\nPress Ctrl+C to exit.\n", url) << std::flush;
  if (invocation.flags.On("browser", true)) OpenInBrowser(url);
  server.Serve(target, invocation.context.stop);
  return 0;
}

}  // namespace smelt::app
