#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/error.h"

namespace smelt::app {

/// Where the docs of a project are served.
struct DocsAddress {
  std::string host = "127.0.0.1";  ///< an address of this machine, or localhost
  std::uint16_t port = 8080;       ///< 0: any that is free
};

/// The answer to a request for the files of a target folder: the page and the artefacts, nothing else of it. A request
/// that names another host than `host` is refused: pages of elsewhere are not to read them.
std::string AnswerDocs(std::string_view request, const std::string& target_dir, const std::string& host);

/// A small server of files to browsers of this machine. Confined to one thread.
class DocsServer {
 public:
  /// Listens. Errors: kUsage for addresses that are none or taken.
  static Result<DocsServer> Listen(const DocsAddress& address);
  DocsServer(DocsServer&& other) noexcept;
  DocsServer& operator=(DocsServer&&) = delete;
  ~DocsServer();

  std::uint16_t port() const { return address_.port; }
  /// Answers requests, one after the other, until it is told to stop.
  void Serve(const std::string& target_dir, const std::stop_token& stop) const;

 private:
  DocsServer(int socket, DocsAddress address) : socket_(socket), address_(std::move(address)) {}

  int socket_;
  DocsAddress address_;
};

}  // namespace smelt::app
