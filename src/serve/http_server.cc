#include "serve/http_server.h"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <list>
#include <thread>
#include <utility>

#include "base/log.h"
#include "serve/internal/connection.h"
#include "serve/internal/listener.h"

namespace smelt::serve {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
/// How long nothing is accepted after the system could not, for want of open files.
constexpr auto kAcceptPause = std::chrono::milliseconds(100);

/// Turns a connection away that is one too many, without waiting for anything.
void TurnAway(tcp::socket socket) {
  static constexpr std::string_view kAnswer =
      "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\nRetry-After: 1\r\n\r\n";
  error_code ignored;
  ignored = socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(kAnswer), ignored);
  ignored = socket.shutdown(tcp::socket::shutdown_send, ignored);
}

}  // namespace

bool IsLoopback(const std::string& address) {
  error_code error;
  const asio::ip::address parsed = asio::ip::make_address(address, error);
  if (error) return false;
  if (parsed.is_v6() && parsed.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, parsed.to_v6()).is_loopback();
  }
  return parsed.is_loopback();
}

class HttpServer::Impl {
 public:
  Impl(const HttpSettings& settings, RouteTable routes, Authorizer authorize)
      : settings_(settings),
        routes_(std::move(routes)),
        authorize_(std::move(authorize)),
        quick_pool_(settings.threads),
        query_pool_(settings.query_threads) {}

  Status Listen();
  void Begin();
  void Stop(std::int64_t grace_ms, const std::stop_token& at_once);
  std::uint16_t port() const { return port_; }

 private:
  asio::awaitable<void> Accept();
  asio::awaitable<void> Serve(std::list<internal::Connection>::iterator connection);
  void BeginStop(std::int64_t grace_ms);
  void CutOff();

  const HttpSettings settings_;
  const RouteTable routes_;
  const Authorizer authorize_;
  asio::thread_pool quick_pool_;
  asio::thread_pool query_pool_;
  asio::io_context context_{1};
  tcp::acceptor acceptor_{context_};
  asio::steady_timer accept_pause_{context_};
  asio::steady_timer grace_{context_};
  internal::Shared shared_{
      settings_, routes_, authorize_, {quick_pool_, settings_.handlers_max}, {query_pool_, settings_.handlers_max}};
  std::list<internal::Connection> connections_;
  std::uint16_t port_ = 0;
  std::jthread thread_;
};

Status HttpServer::Impl::Listen() {
  SMELT_ASSIGN(port_, internal::Listen(acceptor_, settings_.address, settings_.port,
                                       "choose another port, or end the program that has it"));
  return {};
}

void HttpServer::Impl::Begin() {
  asio::co_spawn(context_, Accept(), asio::detached);
  thread_ = std::jthread([this] { context_.run(); });
}

asio::awaitable<void> HttpServer::Impl::Accept() {
  while (acceptor_.is_open()) {
    auto [error, socket] = co_await acceptor_.async_accept(kTuple);
    if (!acceptor_.is_open()) break;
    if (error) {
      Log(LogLevel::kWarn, "http.accept.failed", {{"error", error.message()}});
      accept_pause_.expires_after(kAcceptPause);
      co_await accept_pause_.async_wait(kTuple);
      continue;
    }
    settings_.counters->Accept();
    if (connections_.size() >= settings_.connections_max) {
      settings_.counters->Refuse();
      settings_.counters->Close();
      TurnAway(std::move(socket));
      continue;
    }
    connections_.emplace_front(shared_, std::move(socket));
    asio::co_spawn(context_, Serve(connections_.begin()), asio::detached);
  }
}

asio::awaitable<void> HttpServer::Impl::Serve(std::list<internal::Connection>::iterator connection) {
  try {
    co_await connection->Serve();
  } catch (const std::exception& error) {
    // Of memory, say: this client's trouble alone.
    Log(LogLevel::kError, "http.connection.failed", {{"error", error.what()}});
  }
  connections_.erase(connection);
  settings_.counters->Close();
  if (shared_.stopping && connections_.empty()) grace_.cancel();
}

void HttpServer::Impl::CutOff() {
  for (internal::Connection& connection : connections_) connection.Close();
}

void HttpServer::Impl::BeginStop(std::int64_t grace_ms) {
  if (std::exchange(shared_.stopping, true)) return;
  error_code ignored;
  ignored = acceptor_.close(ignored);
  accept_pause_.cancel();
  for (internal::Connection& connection : connections_) connection.BeginStop();
  if (connections_.empty()) return;
  grace_.expires_after(std::chrono::milliseconds(grace_ms));
  grace_.async_wait([this](const error_code& error) {
    if (!error) CutOff();
  });
}

void HttpServer::Impl::Stop(std::int64_t grace_ms, const std::stop_token& at_once) {
  if (!thread_.joinable()) return;
  asio::post(context_, [this, grace_ms] { BeginStop(grace_ms); });
  const std::stop_callback hurry(at_once, [this] { asio::post(context_, [this] { CutOff(); }); });
  thread_.join();
  quick_pool_.join();
  query_pool_.join();
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() {
  impl_->Stop(0, {});
}

Result<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpSettings& settings, RouteTable routes,
                                                      Authorizer authorize) {
  auto impl = std::make_unique<Impl>(settings, std::move(routes), std::move(authorize));
  SMELT_TRY(impl->Listen());
  impl->Begin();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

std::uint16_t HttpServer::port() const {
  return impl_->port();
}

void HttpServer::Stop(std::int64_t grace_ms, const std::stop_token& at_once) {
  impl_->Stop(grace_ms, at_once);
}

}  // namespace smelt::serve
