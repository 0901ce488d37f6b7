#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstddef>
#include <stop_token>

#include "serve/http_server.h"

namespace smelt::serve::internal {

/// What the connections of one server share. Confined to the thread that serves the network, but for `pool`.
struct Shared {
  const HttpSettings& settings;
  const RouteTable& routes;
  const HttpServer::Authorizer& authorize;
  boost::asio::thread_pool& pool;
  std::stop_token cut{};
  std::size_t handlers = 0;  ///< at work or waiting for a thread
  bool stopping = false;
};

/// One connection of a client: its requests, one after the other. Confined to the thread that serves the network.
class Connection {
 public:
  Connection(Shared& shared, boost::asio::ip::tcp::socket socket);

  /// Serves until either end has enough.
  boost::asio::awaitable<void> Serve();
  /// Whether it waits for a request of which nothing has come.
  bool idle() const { return idle_; }
  /// Cuts it off.
  void Close() { stream_.close(); }

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  boost::asio::awaitable<bool> AwaitRequest();
  /// The next request's answer; whether the connection is of use afterwards.
  boost::asio::awaitable<bool> ServeOne();
  boost::asio::awaitable<HttpResponse> Respond(Parser& parser, const Route& route, HttpRequest request);
  boost::asio::awaitable<bool> Send(const Parser& parser, const HttpResponse& response, bool keep);
  boost::asio::awaitable<void> Linger();

  Shared& shared_;
  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_;
  bool from_loopback_ = false;
  bool idle_ = true;
};

}  // namespace smelt::serve::internal
