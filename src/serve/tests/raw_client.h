#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"

namespace smelt::serve {

/// A connection that sends what a test wants, right or wrong, and reads what comes.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }

  bool connected() const { return connected_; }
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  /// All that comes until the other end closes.
  std::string ReadToEnd() {
    std::string text;
    while (ReadSome(text)) {
    }
    return text;
  }
  /// What comes until it holds `words`, or the end.
  std::string ReadUntil(std::string_view words) {
    std::string text;
    while (text.find(words) == std::string::npos && ReadSome(text)) {
    }
    return text;
  }

 private:
  bool ReadSome(std::string& text) {
    constexpr int kPatienceMs = 20'000;
    pollfd wait{.fd = socket_.get(), .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, kPatienceMs) <= 0) {
      text += "[nothing came]";
      return false;
    }
    std::array<char, 4'096> buffer{};
    const ssize_t count = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (count <= 0) return false;
    text.append(buffer.data(), static_cast<std::size_t>(count));
    return true;
  }

  FileDescriptor socket_;
  bool connected_ = false;
};

}  // namespace smelt::serve
