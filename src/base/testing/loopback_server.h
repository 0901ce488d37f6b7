#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "base/file_descriptor.h"

namespace smelt::testing {

/// A server on a free port of 127.0.0.1 for tests of HTTP clients: reads one request per connection, one after the
/// other, sends what the handler returns and closes the connection.
class LoopbackServer {
 public:
  /// Takes a request as received, head and body, and returns the bytes to send back; nothing closes the connection
  /// without an answer. Called on the server's thread.
  using Handler = std::function<std::string(const std::string& request)>;

  explicit LoopbackServer(Handler handler);
  /// Stops accepting and waits for the request in progress.
  ~LoopbackServer();

  int port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  void Serve();

  const Handler handler_;
  FileDescriptor listener_;
  int port_ = 0;
  std::jthread thread_;
};

/// Sends bytes to a port of 127.0.0.1 and returns all that comes back until the other side closes.
std::string ExchangeWithPort(int port, std::string_view bytes);

}  // namespace smelt::testing
