#include "serve/postgres_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <list>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/parallel.h"
#include "serve/internal/listener.h"
#include "serve/internal/work_pool.h"
#include "serve/postgres/internal/client.h"

namespace smelt::serve {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
/// How long nothing is accepted after the system could not, for want of open files.
constexpr auto kAcceptPause = std::chrono::milliseconds(100);
/// How often deadlines are looked at.
constexpr auto kTick = std::chrono::milliseconds(20);
/// Short statements at work at once, for each processor.
constexpr std::size_t kAtOnce = 2;

}  // namespace

class PostgresServer::Impl {
 public:
  Impl(const PostgresSettings& settings, const PostgresParts& parts)
      : settings_(settings),
        parts_(parts),
        place_{.engine = parts.engine,
               .authority = parts.authority,
               .counters = *parts.counters,
               .catalog = parts.catalog,
               .statement_ms_max = settings.statement_ms_max,
               .output_bytes = settings.output_bytes,
               .copy_bytes_max = settings.copy_bytes_max},
        pool_(settings.threads, kAtOnce * ProcessorCount()) {}

  Status Listen();
  void Begin();
  void Stop(std::int64_t grace_ms, const std::stop_token& at_once);
  std::uint16_t port() const { return port_; }

 private:
  using Clients = std::list<postgres::Client>;

  asio::awaitable<void> Accept();
  asio::awaitable<void> Serve(Clients::iterator client);
  asio::awaitable<void> Tick();
  void BeginStop(std::int64_t grace_ms);
  void EndIfDone();

  const PostgresSettings settings_;
  const PostgresParts parts_;
  const postgres::BackendPlace place_;
  internal::WorkPool pool_;
  asio::io_context context_{1};
  tcp::acceptor acceptor_{context_};
  asio::steady_timer accept_pause_{context_};
  asio::steady_timer tick_{context_};
  asio::steady_timer grace_{context_};
  postgres::ClientsShared shared_{.settings = settings_, .parts = parts_, .place = place_, .pool = pool_};
  Clients clients_;
  bool grace_over_ = false;
  std::uint16_t port_ = 0;
  std::jthread thread_;
};

Status PostgresServer::Impl::Listen() {
  SMELT_ASSIGN(port_, internal::Listen(acceptor_, settings_.address, settings_.port,
                                       "choose another port with --pg-port, or end the program that has it"));
  return {};
}

void PostgresServer::Impl::Begin() {
  asio::co_spawn(context_, Accept(), asio::detached);
  asio::co_spawn(context_, Tick(), asio::detached);
  thread_ = std::jthread([this] { context_.run(); });
}

asio::awaitable<void> PostgresServer::Impl::Accept() {
  while (acceptor_.is_open()) {
    auto [error, socket] = co_await acceptor_.async_accept(kTuple);
    if (!acceptor_.is_open()) break;
    if (error) {
      Log(LogLevel::kWarn, "postgres.accept.failed", {{"error", error.message()}});
      accept_pause_.expires_after(kAcceptPause);
      co_await accept_pause_.async_wait(kTuple);
      continue;
    }
    // Who says nothing keeps nobody out who logs in: logins have a bound of their own.
    parts_.counters->Accept();
    if (clients_.size() >= shared_.logged_in + settings_.logins_max) {
      parts_.counters->Refuse();
      parts_.counters->Close();
      continue;
    }
    clients_.emplace_front(shared_, std::move(socket));
    asio::co_spawn(context_, Serve(clients_.begin()), asio::detached);
  }
}

asio::awaitable<void> PostgresServer::Impl::Serve(Clients::iterator client) {
  try {
    co_await client->Serve();
  } catch (const std::exception& error) {
    // Of memory, say: this client's trouble alone.
    Log(LogLevel::kError, "postgres.connection.failed", {{"error", error.what()}});
  }
  client->Forget();
  clients_.erase(client);
  parts_.counters->Close();
  EndIfDone();
}

asio::awaitable<void> PostgresServer::Impl::Tick() {
  while (!shared_.stopping || !clients_.empty()) {
    tick_.expires_after(kTick);
    const auto [error] = co_await tick_.async_wait(kTuple);
    if (error && shared_.stopping && clients_.empty()) break;
    const double now = MonotonicSeconds();
    for (postgres::Client& client : clients_) {
      client.CheckTime(now);
      if (grace_over_) client.CutOff();
    }
  }
}

void PostgresServer::Impl::EndIfDone() {
  if (!shared_.stopping || !clients_.empty()) return;
  grace_.cancel();
  tick_.cancel();
}

void PostgresServer::Impl::BeginStop(std::int64_t grace_ms) {
  if (std::exchange(shared_.stopping, true)) return;
  error_code ignored;
  ignored = acceptor_.close(ignored);
  accept_pause_.cancel();
  for (postgres::Client& client : clients_) client.BeginStop();
  if (clients_.empty()) return EndIfDone();
  grace_.expires_after(std::chrono::milliseconds(grace_ms));
  grace_.async_wait([this](const error_code& error) {
    if (!error) grace_over_ = true;
  });
}

void PostgresServer::Impl::Stop(std::int64_t grace_ms, const std::stop_token& at_once) {
  if (!thread_.joinable()) return;
  asio::post(context_, [this, grace_ms] { BeginStop(grace_ms); });
  const std::stop_callback hurry(at_once, [this] { asio::post(context_, [this] { grace_over_ = true; }); });
  thread_.join();
  pool_.Join();
}

PostgresServer::PostgresServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

PostgresServer::~PostgresServer() {
  impl_->Stop(0, {});
}

Result<std::unique_ptr<PostgresServer>> PostgresServer::Start(const PostgresSettings& settings,
                                                              const PostgresParts& parts) {
  auto impl = std::make_unique<Impl>(settings, parts);
  SMELT_TRY(impl->Listen());
  impl->Begin();
  return std::unique_ptr<PostgresServer>(new PostgresServer(std::move(impl)));
}

std::uint16_t PostgresServer::port() const {
  return impl_->port();
}

void PostgresServer::Stop(std::int64_t grace_ms, const std::stop_token& at_once) {
  impl_->Stop(grace_ms, at_once);
}

}  // namespace smelt::serve
