#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "serve/internal/peer_watch.h"
#include "serve/internal/work_pool.h"
#include "serve/postgres/backend.h"
#include "serve/postgres_server.h"

namespace smelt::serve::postgres {

class Client;

/// What the clients of one server share. Confined to the thread that serves the network, but for the pool.
struct ClientsShared {
  const PostgresSettings& settings;
  const PostgresParts& parts;
  const BackendPlace& place;
  internal::WorkPool& pool;
  std::map<std::int32_t, Client*> by_process{};
  std::int32_t next_process = 1;
  std::size_t logged_in = 0;
  bool stopping = false;
};

/// One connection of a client: login, then messages to its backend and answers back. Confined to the thread that serves
/// the network.
class Client {
 public:
  Client(ClientsShared& shared, boost::asio::ip::tcp::socket socket);

  /// Serves until either end has enough.
  boost::asio::awaitable<void> Serve();
  /// Ends it if it does nothing.
  void BeginStop();
  /// Ends what it does.
  void CutOff();
  /// Ends statements that took longer than they may, and cuts a login or a write that takes too long.
  void CheckTime(double now);
  void Cancel(std::int32_t secret);
  /// No request to cancel finds it any more, and another has its place.
  void Forget();

 private:
  using Startup = std::vector<std::pair<std::string, std::string>>;

  boost::asio::awaitable<bool> ReadSome();
  boost::asio::awaitable<bool> ReadBytes(std::size_t count);
  boost::asio::awaitable<bool> Flush();
  boost::asio::awaitable<bool> Send(const WireError& error);
  /// The parameters of the startup message; nothing when the connection is over.
  boost::asio::awaitable<std::optional<Startup>> ReadStartup();
  boost::asio::awaitable<bool> AcceptTls();
  boost::asio::awaitable<std::optional<Identity>> LogIn(const std::string& user);
  boost::asio::awaitable<std::optional<Identity>> LogInByScram(const std::string& user);
  boost::asio::awaitable<std::optional<std::string>> ReadSaslMessage();
  boost::asio::awaitable<bool> OpenBackend(Identity identity, Startup startup);
  boost::asio::awaitable<void> ServeAs(Identity identity, Startup startup);
  boost::asio::awaitable<void> ServeMessages();
  /// Hands what was read to the backend. False for a message that cannot be.
  bool TakeMessages();
  boost::asio::awaitable<bool> WorkOff();
  void Close();

  ClientsShared& shared_;
  boost::asio::ip::tcp::socket socket_;
  std::shared_ptr<boost::asio::ssl::context> tls_context_;
  std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
  std::string address_;
  std::string input_;
  std::size_t taken_ = 0;  ///< of input_
  WireBuffer output_;
  std::unique_ptr<Backend> backend_;
  std::shared_ptr<internal::PeerWatch> watch_;
  std::int32_t process_ = 0;
  std::int32_t secret_ = 0;
  double cut_at_ = 0;  ///< in seconds of the monotonic clock; 0 for never
  bool logged_in_ = false;
  bool idle_ = true;
  bool closed_ = false;
};

}  // namespace smelt::serve::postgres
