#include "serve/postgres/internal/client.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/rand.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <stop_token>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "serve/access/tls.h"

namespace smelt::serve::postgres {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::int32_t kProtocol3 = 196'608;
constexpr std::int32_t kCancelCode = 80'877'102;
constexpr std::string_view kScram = "SCRAM-SHA-256", kScramPlus = "SCRAM-SHA-256-PLUS";
constexpr std::int32_t kTlsCode = 80'877'103;
constexpr std::int32_t kGssCode = 80'877'104;
constexpr std::size_t kStartupBytesMax = 10'000;
constexpr std::size_t kReadBytes = 16 * 1024;
constexpr std::size_t kHeaderBytes = 5;
constexpr double kMillis = 1e-3;
/// What a client that is done with a large message keeps of the room for it.
constexpr std::size_t kInputKeptBytes = 256 * 1024;

double After(std::int64_t millis) {
  return MonotonicSeconds() + static_cast<double>(millis) * kMillis;
}

WireError Fatal(std::string_view state, std::string message, std::string hint = {}) {
  WireError error = WireErrorOf(state, std::move(message), std::move(hint));
  error.severity = "FATAL";
  return error;
}

/// The mechanism that a client names, if it was offered.
std::optional<ScramMechanism> MechanismOf(std::string_view name, bool offers_binding) {
  if (name == kScram) return ScramMechanism::kPlain;
  if (name == kScramPlus && offers_binding) return ScramMechanism::kPlus;
  return std::nullopt;
}

WireError LoginError(const Error& error, const std::string& user) {
  WireError wire = ToWire(error);
  wire.severity = "FATAL";
  if (error.code() == ErrorCode::kAccessUnknown) {
    wire.message = fmt::format("password authentication failed for user \"{}\"", user);
  }
  return wire;
}

}  // namespace

Client::Client(ClientsShared& shared, asio::ip::tcp::socket socket) : shared_(shared), socket_(std::move(socket)) {
  error_code error;
  const auto peer = socket_.remote_endpoint(error);
  if (!error) address_ = peer.address().to_string();
  error = socket_.set_option(asio::ip::tcp::no_delay(true), error);
  error = socket_.set_option(asio::socket_base::keep_alive(true), error);
  // A peer that is gone without a word is found out within two minutes, not within two hours.
  for (const auto& [option, value] :
       {std::pair{TCP_KEEPIDLE, 60}, std::pair{TCP_KEEPINTVL, 10}, std::pair{TCP_KEEPCNT, 6}}) {
    ::setsockopt(socket_.native_handle(), IPPROTO_TCP, option, &value, sizeof value);
  }
  cut_at_ = After(shared.settings.startup_ms_max);
}

void Client::Close() {
  closed_ = true;
  error_code ignored;
  ignored = socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  ignored = socket_.close(ignored);
}

asio::awaitable<bool> Client::ReadSome() {
  if (taken_ > 0) {
    input_.erase(0, taken_);
    taken_ = 0;
    if (input_.empty() && input_.capacity() > kInputKeptBytes) input_.shrink_to_fit();
  }
  const std::size_t had = input_.size();
  input_.resize(had + kReadBytes);
  const asio::mutable_buffer room(input_.data() + had, kReadBytes);
  std::size_t count = 0;
  error_code failed;
  if (tls_) {
    const auto [error, bytes] = co_await tls_->async_read_some(room, kTuple);
    failed = error;
    count = bytes;
  } else {
    const auto [error, bytes] = co_await socket_.async_read_some(room, kTuple);
    failed = error;
    count = bytes;
  }
  input_.resize(had + count);
  co_return !failed;
}

asio::awaitable<bool> Client::ReadBytes(std::size_t count) {
  while (input_.size() - taken_ < count) {
    const bool read = co_await ReadSome();
    if (!read) co_return false;
  }
  co_return true;
}

asio::awaitable<bool> Client::Flush() {
  if (output_.empty()) co_return true;
  const double before = std::exchange(cut_at_, After(shared_.settings.write_ms_max));
  const asio::const_buffer bytes(output_.View().data(), output_.size());
  error_code failed;
  if (tls_) {
    const auto [error, count] = co_await asio::async_write(*tls_, bytes, kTuple);
    failed = error;
  } else {
    const auto [error, count] = co_await asio::async_write(socket_, bytes, kTuple);
    failed = error;
  }
  cut_at_ = before;
  output_.Clear();
  co_return !failed;
}

asio::awaitable<bool> Client::Send(const WireError& error) {
  PutError(error, output_);
  const bool sent = co_await Flush();
  co_return sent;
}

asio::awaitable<bool> Client::AcceptTls() {
  if (!shared_.parts.tls) {
    output_.PutByte('N');
    const bool sent = co_await Flush();
    co_return sent;
  }
  // What came unencrypted behind the request was not the client's word.
  if (tls_ || input_.size() > taken_) co_return false;
  output_.PutByte('S');
  const bool sent = co_await Flush();
  if (!sent) co_return false;
  tls_context_ = shared_.parts.tls->context();
  tls_.emplace(socket_, *tls_context_);
  const auto [error] = co_await tls_->async_handshake(asio::ssl::stream_base::server, kTuple);
  co_return !error;
}

asio::awaitable<std::optional<Client::Startup>> Client::ReadStartup() {
  constexpr int kRequestsMax = 3;  // TLS, GSS, and then the startup itself
  for (int request = 0; request < kRequestsMax; ++request) {
    const bool has_length = co_await ReadBytes(sizeof(std::int32_t));
    if (!has_length) co_return std::nullopt;
    const auto length = WireReader(std::string_view(input_).substr(taken_)).Int<std::uint32_t>();
    if (length < 2 * sizeof(std::int32_t) || length > kStartupBytesMax) co_return std::nullopt;
    const bool whole = co_await ReadBytes(length);
    if (!whole) co_return std::nullopt;
    const std::string body = input_.substr(taken_ + sizeof(std::int32_t), length - sizeof(std::int32_t));
    taken_ += length;
    WireReader in(body);
    const auto code = in.Int<std::int32_t>();
    if (code == kTlsCode) {
      const bool goes_on = co_await AcceptTls();
      if (!goes_on) co_return std::nullopt;
      continue;
    }
    if (code == kGssCode) {
      output_.PutByte('N');
      const bool sent = co_await Flush();
      if (!sent) co_return std::nullopt;
      continue;
    }
    if (code == kCancelCode) {
      const auto process = in.Int<std::int32_t>();
      const auto secret = in.Int<std::int32_t>();
      const auto found = shared_.by_process.find(process);
      if (in.Whole() && found != shared_.by_process.end()) found->second->Cancel(secret);
      co_return std::nullopt;
    }
    constexpr int kMajorShift = 16;
    if (code >> kMajorShift != kProtocol3 >> kMajorShift) {
      co_await Send(Fatal("0A000", fmt::format("unsupported frontend protocol {}.{}: server supports 3.0 to 3.0",
                                               code >> kMajorShift, code & 0xFFFF)));
      co_return std::nullopt;
    }
    Startup startup;
    while (in.left() > 1 && !in.failed()) {
      std::string name(in.Text());
      if (name.empty()) break;
      startup.emplace_back(std::move(name), std::string(in.Text()));
    }
    if (in.failed()) {
      co_await Send(Fatal("08P01", "invalid startup packet layout: expected terminator as last byte"));
      co_return std::nullopt;
    }
    co_return startup;
  }
  co_return std::nullopt;
}

asio::awaitable<std::optional<std::string>> Client::ReadSaslMessage() {
  const bool has_header = co_await ReadBytes(kHeaderBytes);
  if (!has_header) co_return std::nullopt;
  WireReader in(std::string_view(input_).substr(taken_));
  const char type = in.Byte();
  const auto length = in.Int<std::uint32_t>();
  if (type != 'p' || length < sizeof(std::int32_t) || length > kStartupBytesMax) {
    co_await Send(Fatal("08P01", "expected SASL response"));
    co_return std::nullopt;
  }
  const bool whole = co_await ReadBytes(length + 1);
  if (!whole) co_return std::nullopt;
  std::string body = input_.substr(taken_ + kHeaderBytes, length - sizeof(std::int32_t));
  taken_ += length + 1;
  co_return body;
}

asio::awaitable<std::optional<Identity>> Client::LogInByScram(const std::string& user) {
  std::string end_point = tls_ ? EndPointOf(tls_->native_handle()) : std::string();
  const bool offers_binding = !end_point.empty();
  auto login = shared_.parts.authenticator.BeginScram(user, address_, std::move(end_point));
  if (!login) {
    co_await Send(LoginError(login.error(), user));
    co_return std::nullopt;
  }
  const auto put = [this](std::int32_t code, std::string_view text) {
    const std::size_t message = output_.Begin('R');
    output_.PutInt(code);
    output_.Put(text);
    output_.End(message);
  };
  constexpr std::int32_t kSasl = 10;
  constexpr std::int32_t kSaslContinue = 11;
  constexpr std::int32_t kSaslFinal = 12;
  std::string offered;  // names that end with a zero byte each, and one more
  if (offers_binding) offered.append(kScramPlus) += '\0';
  offered.append(kScram).append(2, '\0');
  put(kSasl, offered);
  bool sent = co_await Flush();
  if (!sent) co_return std::nullopt;
  const auto begun = co_await ReadSaslMessage();
  if (!begun) co_return std::nullopt;
  WireReader in(*begun);
  const auto mechanism = MechanismOf(in.Text(), offers_binding);
  const auto length = in.Int<std::uint32_t>();
  const std::string first(in.Bytes(length));
  if (!mechanism || !in.Whole()) {
    co_await Send(Fatal("08P01", "client selected an invalid SASL authentication mechanism"));
    co_return std::nullopt;
  }
  auto challenge = co_await internal::RunOn(shared_.pool, [&] { return (*login)->First(first, *mechanism); });
  if (!challenge) {
    co_await Send(LoginError(challenge.error(), user));
    co_return std::nullopt;
  }
  put(kSaslContinue, *challenge);
  sent = co_await Flush();
  if (!sent) co_return std::nullopt;
  const auto proof = co_await ReadSaslMessage();
  if (!proof) co_return std::nullopt;
  auto verdict = co_await internal::RunOn(shared_.pool, [&] { return (*login)->Final(*proof); });
  if (!verdict) {
    co_await Send(LoginError(verdict.error(), user));
    co_return std::nullopt;
  }
  put(kSaslFinal, *verdict);
  co_return (*login)->identity();
}

asio::awaitable<std::optional<Identity>> Client::LogIn(const std::string& user) {
  Authenticator& authenticator = shared_.parts.authenticator;
  if (shared_.parts.demands_tls && !tls_) {
    co_await Send(Fatal("28000", "the server wants TLS", "connect with sslmode=require"));
    co_return std::nullopt;
  }
  if (authenticator.trusts_this_machine()) {
    auto identity = authenticator.Trust(user, address_, Door::kPostgres);
    if (identity) co_return *std::move(identity);
    WireError refusal = ToWire(identity.error());
    refusal.severity = "FATAL";
    refusal.state = "28000";
    co_await Send(refusal);
    co_return std::nullopt;
  }
  auto identity = co_await LogInByScram(user);
  co_return identity;
}

asio::awaitable<bool> Client::OpenBackend(Identity identity, Startup startup) {
  process_ = shared_.next_process++;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&secret_), sizeof secret_) != 1) co_return false;
  backend_ = std::make_unique<Backend>(shared_.place, std::move(identity), std::move(startup), process_, secret_);
  shared_.by_process[process_] = this;
  const WireStatus opened = co_await internal::RunOn(shared_.pool, [&] { return backend_->Open(output_); });
  if (!opened) {
    WireError error = opened.error();
    error.severity = "FATAL";
    co_await Send(error);
    co_return false;
  }
  const bool sent = co_await Flush();
  co_return sent;
}

void Client::Forget() {
  shared_.by_process.erase(process_);
  if (std::exchange(logged_in_, false)) --shared_.logged_in;
}

asio::awaitable<void> Client::Serve() {
  auto startup = co_await ReadStartup();
  if (startup) {
    std::string user;
    std::string database;
    for (const auto& [name, value] : *startup) {
      if (name == "user") user = value;
      if (name == "database") database = value;
    }
    if (user.empty()) {
      co_await Send(Fatal("28000", "no PostgreSQL user name specified in startup packet"));
    } else {
      auto identity = co_await LogIn(user);
      const bool is_lake = database == "lake" || (database.empty() && user == "lake");
      if (identity && !is_lake) {
        co_await Send(Fatal("3D000", fmt::format("database \"{}\" does not exist", database.empty() ? user : database),
                            "the database of a lake is called lake"));
      } else if (identity) {
        co_await ServeAs(*std::move(identity), *std::move(startup));
      }
    }
  }
  Close();
}

asio::awaitable<void> Client::ServeAs(Identity identity, Startup startup) {
  if (shared_.logged_in >= shared_.settings.connections_max) {
    shared_.parts.counters->Refuse();
    co_await Send(Fatal("53300", "sorry, too many clients already", "close connections that are not used"));
    co_return;
  }
  ++shared_.logged_in;
  logged_in_ = true;
  const bool opened = co_await OpenBackend(std::move(identity), std::move(startup));
  cut_at_ = 0;
  if (opened) co_await ServeMessages();
}

bool Client::TakeMessages() {
  while (input_.size() - taken_ >= kHeaderBytes) {
    WireReader in(std::string_view(input_).substr(taken_));
    const char type = in.Byte();
    const auto length = in.Int<std::uint32_t>();
    if (length < sizeof(std::int32_t) || length > shared_.settings.message_bytes_max) {
      PutError(Fatal(length < sizeof(std::int32_t) ? "08P01" : "54000",
                     length < sizeof(std::int32_t) ? "invalid message length"
                                                   : "the message is longer than the server takes"),
               output_);
      return false;
    }
    if (in.left() < length - sizeof(std::int32_t)) return true;
    backend_->Push({type, std::string(in.Bytes(length - sizeof(std::int32_t)))});
    taken_ += length + 1;
  }
  return true;
}

asio::awaitable<bool> Client::WorkOff() {
  // The client may go while a statement runs: then it is of no use.
  watch_ = std::make_shared<internal::PeerWatch>(socket_.get_executor(), socket_.native_handle());
  const std::stop_callback when_gone(watch_->token(), [this] { backend_->Interrupt(InterruptReason::kRequest); });
  watch_->Begin();
  Backend::Progress progress = Backend::Progress::kMore;
  bool alive = true;
  while (alive && progress == Backend::Progress::kMore) {
    progress = co_await internal::RunOn(shared_.pool, [&] { return backend_->Work(output_); });
    alive = co_await Flush();
  }
  watch_->End();
  co_return alive&& progress == Backend::Progress::kWaits;
}

asio::awaitable<void> Client::ServeMessages() {
  while (true) {
    const bool understood = TakeMessages();
    idle_ = false;
    const bool goes_on = co_await WorkOff();
    if (!goes_on) co_return;
    if (!understood) {
      co_await Flush();
      co_return;
    }
    idle_ = !backend_->busy();
    if (shared_.stopping && idle_) {
      co_await Send(Fatal("57P01", "terminating connection due to administrator command"));
      co_return;
    }
    const bool read = co_await ReadSome();
    if (!read) {
      if (idle_ && shared_.stopping && !closed_) {
        co_await Send(Fatal("57P01", "terminating connection due to administrator command"));
      }
      co_return;
    }
  }
}

void Client::BeginStop() {
  if (!idle_) return;
  // What waits for a message is told; the rest sees it when it is done.
  error_code ignored;
  ignored = socket_.cancel(ignored);
}

void Client::CutOff() {
  if (backend_) backend_->Interrupt(InterruptReason::kShutdown);
  error_code ignored;
  if (idle_ || !backend_ || backend_->busy()) ignored = socket_.cancel(ignored);
}

void Client::CheckTime(double now) {
  if (cut_at_ > 0 && now > cut_at_) {
    cut_at_ = 0;
    if (backend_) backend_->Interrupt(InterruptReason::kRequest);
    error_code ignored;
    ignored = socket_.close(ignored);
    closed_ = true;
    return;
  }
  if (!backend_) return;
  const double deadline = backend_->deadline();
  if (deadline > 0 && now > deadline) backend_->Interrupt(InterruptReason::kTimeout);
}

void Client::Cancel(std::int32_t secret) {
  if (secret == secret_ && backend_) backend_->Interrupt(InterruptReason::kRequest);
}

}  // namespace smelt::serve::postgres
