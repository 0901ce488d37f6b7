#include "base/testing/loopback_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <charconv>
#include <optional>

#include "base/error.h"

namespace smelt::testing {
namespace {

sockaddr_in LoopbackAddress(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

/// Appends what has arrived; false at the end of the stream.
bool Receive(int socket, std::string& bytes) {
  char buffer[16 * 1024];
  const ssize_t count = recv(socket, buffer, sizeof buffer, 0);
  if (count <= 0) return false;
  bytes.append(buffer, static_cast<std::size_t>(count));
  return true;
}

/// The length of a request of which the head is complete, or nothing.
std::optional<std::size_t> RequestLength(const std::string& request) {
  constexpr std::string_view kHeadEnd = "\r\n\r\n";
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  const std::size_t head_end = request.find(kHeadEnd);
  if (head_end == std::string::npos) return std::nullopt;
  std::size_t body_bytes = 0;
  const std::size_t length = request.find(kLength);
  if (length < head_end) {
    const char* begin = request.data() + length + kLength.size();
    std::from_chars(begin, request.data() + head_end, body_bytes);
  }
  return head_end + kHeadEnd.size() + body_bytes;
}

void Send(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return;  // the client has gone: nobody to tell
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace

LoopbackServer::LoopbackServer(Handler handler)
    : handler_(std::move(handler)), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = LoopbackAddress(0);
  socklen_t length = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  SMELT_ASSERT(bind(listener_.get(), generic, length) == 0);
  SMELT_ASSERT(listen(listener_.get(), 16) == 0);
  SMELT_ASSERT(getsockname(listener_.get(), generic, &length) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::jthread([this] { Serve(); });
}

LoopbackServer::~LoopbackServer() {
  shutdown(listener_.get(), SHUT_RDWR);
  thread_.join();
}

void LoopbackServer::Serve() {
  while (true) {
    const FileDescriptor client(accept(listener_.get(), nullptr, nullptr));
    if (!client.valid()) return;
    std::string request;
    std::optional<std::size_t> length;
    while (!length || request.size() < *length) {
      if (!Receive(client.get(), request)) break;
      length = RequestLength(request);
    }
    if (length && request.size() >= *length) Send(client.get(), handler_(request));
  }
}

std::string ExchangeWithPort(int port, std::string_view bytes) {
  const FileDescriptor server(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = LoopbackAddress(port);
  SMELT_ASSERT(connect(server.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  Send(server.get(), bytes);
  std::string answer;
  while (Receive(server.get(), answer)) {
  }
  return answer;
}

}  // namespace smelt::testing
