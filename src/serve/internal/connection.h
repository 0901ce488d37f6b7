#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>
#include <string>

#include "serve/http_server.h"
#include "serve/internal/client_stream.h"
#include "serve/internal/lane_work.h"
#include "serve/internal/peer_watch.h"
#include "serve/internal/stream_pump.h"

namespace smelt::serve::internal {

/// What the connections of one server share. Confined to the thread that serves the network, but for the pools.
struct Shared {
  const HttpSettings& settings;
  const RouteTable& routes;
  const HttpServer::Authorizer& authorize;
  LaneWork quick;
  LaneWork query;
  bool stopping = false;

  LaneWork& Work(Lane lane) { return lane == Lane::kQuick ? quick : query; }
};

/// One connection of a client: its requests, one after the other. Confined to the thread that serves the network.
class Connection {
 public:
  Connection(Shared& shared, boost::asio::ip::tcp::socket socket);

  /// Serves until either end has enough.
  boost::asio::awaitable<void> Serve();
  /// Ends it if it waits for a request of which nothing has come, or for something to send in a stream.
  void BeginStop();
  /// Cuts it off, and has its handler stop.
  void Close();

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  boost::asio::awaitable<bool> AwaitRequest();
  /// The next request's answer; whether the connection is of use afterwards.
  boost::asio::awaitable<bool> ServeOne();
  boost::asio::awaitable<HttpResponse> Respond(Parser& parser, const Route& route, HttpRequest request);
  boost::asio::awaitable<HttpResponse> RunHandler(const Route& route, HttpRequest& request);
  boost::asio::awaitable<bool> Send(const Parser& parser, const HttpResponse& response, bool keep);
  /// The same of an answer with a stream, whose pieces are made on the threads of a lane.
  boost::asio::awaitable<bool> SendStream(const Parser& parser, const HttpResponse& response, Lane lane, bool keep);
  boost::asio::awaitable<bool> SendPieces(BodyStream& body, Lane lane, bool chunked);
  boost::asio::awaitable<bool> WritePiece(const std::string& bytes, bool chunked);
  boost::asio::awaitable<void> Linger();
  void EndWatch();

  Shared& shared_;
  ClientStream stream_;
  boost::beast::flat_buffer buffer_;
  std::shared_ptr<PeerWatch> watch_;  ///< while a request is at work
  std::shared_ptr<Waker> waker_;      ///< while a stream is sent
  std::string address_;               ///< of the client
  bool from_loopback_ = false;
  bool idle_ = true;
};

}  // namespace smelt::serve::internal
