#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>

#include "base/file_descriptor.h"

namespace smelt::state {

/// A network between a client and a server on loopback, for one connection after another. When it is told to, it
/// carries the next message that holds `word` to the server, waits for the answer, and cuts the connection instead of
/// bringing it.
class LostAnswer {
 public:
  LostAnswer(std::uint16_t server_port, std::string word) : server_port_(server_port), word_(std::move(word)) {
    listener_ = FileDescriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in here = Loopback(0);
    socklen_t size = sizeof here;
    const bool listens = bind(listener_.get(), reinterpret_cast<sockaddr*>(&here), size) == 0 &&
                         listen(listener_.get(), 4) == 0 &&
                         getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&here), &size) == 0;
    if (listens) port_ = ntohs(here.sin_port);
    thread_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) Carry(stop);
    });
  }

  std::uint16_t port() const { return port_; }
  void LoseNext() { armed_ = true; }
  bool has_lost() const { return lost_; }

 private:
  static constexpr int kLookMs = 50;

  static sockaddr_in Loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
  }

  /// Carries one connection to its end.
  void Carry(const std::stop_token& stop) {
    pollfd wait{listener_.get(), POLLIN, 0};
    if (poll(&wait, 1, kLookMs) <= 0) return;
    const FileDescriptor client(accept(listener_.get(), nullptr, nullptr));
    const FileDescriptor server(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in there = Loopback(server_port_);
    if (connect(server.get(), reinterpret_cast<const sockaddr*>(&there), sizeof there) != 0) return;
    while (!stop.stop_requested()) {
      std::array<pollfd, 2> both = {pollfd{client.get(), POLLIN, 0}, pollfd{server.get(), POLLIN, 0}};
      if (poll(both.data(), both.size(), kLookMs) <= 0) continue;
      if (both[0].revents != 0 && !Pass(client.get(), server.get(), true)) return;
      if (both[1].revents != 0 && !Pass(server.get(), client.get(), false)) return;
    }
  }

  /// Passes on what has come. Returns whether the connection goes on.
  bool Pass(int from, int to, bool is_question) {
    std::array<char, 65'536> buffer{};
    const ssize_t size = read(from, buffer.data(), buffer.size());
    if (size <= 0) return false;
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(size));
    if (WriteAll(to, bytes) != 0) return false;
    if (!is_question || bytes.find(word_) == std::string_view::npos || !armed_.exchange(false)) return true;
    lost_ = read(to, buffer.data(), buffer.size()) > 0;
    return false;
  }

  std::uint16_t server_port_;
  std::string word_;
  std::uint16_t port_ = 0;
  FileDescriptor listener_;
  std::atomic<bool> armed_ = false;
  std::atomic<bool> lost_ = false;
  std::jthread thread_;
};

}  // namespace smelt::state
