#include "app/internal/dbt/docs_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/ascii.h"
#include "base/file.h"

namespace smelt::app {
namespace {

struct ServedFile {
  std::string_view path, file, type;
};
constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr std::string_view kJson = "application/json";
constexpr std::array kFiles = {
    ServedFile{"/", "index.html", kHtml},
    ServedFile{"/index.html", "index.html", kHtml},
    ServedFile{"/static_index.html", "static_index.html", kHtml},
    ServedFile{"/manifest.json", "manifest.json", kJson},
    ServedFile{"/catalog.json", "catalog.json", kJson},
    ServedFile{"/run_results.json", "run_results.json", kJson},
    ServedFile{"/sources.json", "sources.json", kJson},
    ServedFile{"/lineage.json", "lineage.json", kJson},
};

constexpr std::size_t kRequestBytesMax = 16 << 10;
constexpr int kPatienceMs = 2'000;  // with a browser that says nothing
constexpr int kStopCheckMs = 200;

std::string Answer(std::string_view status, std::string_view type, std::string_view body, bool with_body) {
  return fmt::format(
      "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n"
      "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{}",
      status, type, body.size(), with_body ? body : "");
}

/// The value of a header of the request; empty: it has none.
std::string HeaderOf(std::string_view request, std::string_view name) {
  std::size_t at = request.find("\r\n");
  while (at != std::string_view::npos) {
    const std::string_view line = request.substr(at + 2, request.find("\r\n", at + 2) - at - 2);
    const bool matches =
        line.size() > name.size() && line[name.size()] == ':' && EqualsIgnoringCase(line.substr(0, name.size()), name);
    if (matches) {
      std::string_view value = line.substr(name.size() + 1);
      value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
      return std::string(value);
    }
    at = request.find("\r\n", at + 2);
  }
  return {};
}

bool IsOwnName(const std::string& named, const std::string& host) {
  const std::string name = named.substr(0, named.rfind(':'));
  return host == "0.0.0.0" || name == host || name == "localhost" || name == "127.0.0.1";
}

bool Await(int socket, short what, int patience_ms) {
  pollfd wait{.fd = socket, .events = what, .revents = 0};
  return poll(&wait, 1, patience_ms) > 0;
}

std::string ReadRequest(int connection) {
  std::string request;
  std::array<char, 4096> buffer{};
  while (request.size() < kRequestBytesMax && request.find("\r\n\r\n") == std::string::npos) {
    if (!Await(connection, POLLIN, kPatienceMs)) break;
    const ssize_t count = recv(connection, buffer.data(), buffer.size(), 0);
    if (count <= 0) break;
    request.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return request;
}

void SendAll(int connection, std::string_view text) {
  while (!text.empty() && Await(connection, POLLOUT, kPatienceMs)) {
    const ssize_t count = send(connection, text.data(), text.size(), MSG_NOSIGNAL);
    if (count <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

Error CannotListen(const DocsAddress& address) {
  return Error(ErrorCode::kUsage,
               fmt::format("nothing can be served at {}:{}: {}", address.host, address.port, std::strerror(errno)))
      .Hint("choose another port with --port; --host takes an address of this machine");
}

}  // namespace

std::string AnswerDocs(std::string_view request, const std::string& target_dir, const std::string& host) {
  const std::string_view line = request.substr(0, request.find("\r\n"));
  const std::string_view method = line.substr(0, line.find(' '));
  if (method != "GET" && method != "HEAD") return Answer("405 Method Not Allowed", "text/plain", "only GET\n", true);
  const bool with_body = method == "GET";
  if (!IsOwnName(HeaderOf(request, "host"), host)) {
    return Answer("403 Forbidden", "text/plain", "this is not the host of these docs\n", with_body);
  }
  std::string_view path = line.substr(std::min(method.size() + 1, line.size()));
  path = path.substr(0, path.find_first_of(" ?#"));
  const auto* const served = std::ranges::find(kFiles, path, &ServedFile::path);
  if (served != kFiles.end()) {
    const auto body = ReadWholeFile(fmt::format("{}/{}", target_dir, served->file));
    if (body) return Answer("200 OK", served->type, *body, with_body);
  }
  return Answer("404 Not Found", "text/plain", "there is no such page\n", with_body);
}

Result<DocsServer> DocsServer::Listen(const DocsAddress& address) {
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(address.port);
  const std::string host = address.host == "localhost" ? "127.0.0.1" : address.host;
  if (inet_pton(AF_INET, host.c_str(), &place.sin_addr) != 1) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("--host: '{}' is no address", address.host))
                    .Hint("leave it out for this machine alone: 127.0.0.1"));
  }
  DocsServer server(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), address);
  const int on = 1;
  (void)setsockopt(server.socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  auto* const name = reinterpret_cast<sockaddr*>(&place);
  socklen_t size = sizeof(place);
  constexpr int kWaiting = 16;
  const bool listens = server.socket_ >= 0 && bind(server.socket_, name, size) == 0 &&
                       listen(server.socket_, kWaiting) == 0 && getsockname(server.socket_, name, &size) == 0;
  if (!listens) return Fail(CannotListen(address));
  server.address_.port = ntohs(place.sin_port);
  return server;
}

DocsServer::DocsServer(DocsServer&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), address_(std::move(other.address_)) {}

DocsServer::~DocsServer() {
  if (socket_ >= 0) close(socket_);
}

void DocsServer::Serve(const std::string& target_dir, const std::stop_token& stop) const {
  while (!stop.stop_requested()) {
    if (!Await(socket_, POLLIN, kStopCheckMs)) continue;
    const int connection = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    SendAll(connection, AnswerDocs(ReadRequest(connection), target_dir, address_.host));
    close(connection);
  }
}

}  // namespace smelt::app
