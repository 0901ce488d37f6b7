#include "serve/internal/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <ctime>
#include <exception>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "base/ascii.h"
#include "base/clock.h"
#include "base/log.h"
#include "serve/internal/url.h"

namespace smelt::serve::internal {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
/// How long, and how much, is read of what a client still sends after it was refused: so that it gets to see why.
constexpr auto kLingerTime = std::chrono::seconds(1);
constexpr std::size_t kLingerBytesMax = std::size_t{4} * 1024 * 1024;
constexpr unsigned int kHttp11 = 11;

std::string HttpDate() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 64> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), length};
}

/// The answer to a header that cannot be read, if one makes sense.
std::optional<HttpResponse> Unreadable(const beast::error_code& error) {
  if (error == http::error::header_limit) return Problem(431, "the header of the request is too large");
  if (error == http::error::body_limit) return Problem(413, "the body of the request is too large");
  const bool ended = error == http::error::end_of_stream || error == http::error::partial_message ||
                     error.category() != make_error_code(http::error::bad_target).category();
  if (ended) return std::nullopt;
  return Problem(400, fmt::format("the request cannot be understood: {}", error.message()));
}

/// What is wrong with a header that must come once.
std::optional<HttpResponse> CheckHeader(const http::request<http::string_body>& message) {
  for (const http::field field :
       {http::field::host, http::field::authorization, http::field::content_type, http::field::origin}) {
    if (message.count(field) > 1)
      return Problem(400, fmt::format("the header {} comes twice", std::string(http::to_string(field))));
  }
  if (message.count("Idempotency-Key") > 1) return Problem(400, "the header Idempotency-Key comes twice");
  if (message.version() >= kHttp11 && message.count(http::field::host) == 0)
    return Problem(400, "the header Host is missing");
  return std::nullopt;
}

bool IsBodiless(int status) {
  return status == 204 || status == 304;
}

HttpResponse NotFound(const RouteMatch& match, std::string_view method) {
  if (match.allowed.empty()) return Problem(404, "there is nothing at this address");
  HttpResponse response = Problem(405, fmt::format("{} is not possible here", method));
  response.headers.emplace_back("Allow", fmt::format("{}", fmt::join(match.allowed, ", ")));
  return response;
}

/// Gives a request the parameters of its address; or the answer that refuses them.
std::optional<HttpResponse> TakeQuery(const Route& route, std::vector<std::pair<std::string, std::string>> query,
                                      HttpRequest& request) {
  for (auto& [name, value] : query) {
    const bool known = std::ranges::find(route.parameters, name, &RouteParameter::name) != route.parameters.end();
    if (!known && route.other_parameters.empty())
      return Problem(400, fmt::format("there is no parameter '{}' here", name));
    if (!known) {
      request.others.emplace_back(std::move(name), std::move(value));
    } else if (!request.query.try_emplace(name, std::move(value)).second) {
      return Problem(400, fmt::format("the parameter '{}' comes twice", name));
    }
  }
  for (const RouteParameter& parameter : route.parameters) {
    if (parameter.required && !request.query.contains(parameter.name))
      return Problem(400, fmt::format("the parameter '{}' is missing", parameter.name));
  }
  return std::nullopt;
}

/// Authorize and the handler, on a thread of the pool.
asio::awaitable<HttpResponse> Handle(const HttpServer::Authorizer* authorize, const Route* route,
                                     HttpRequest* request) {
  try {
    auto caller = (*authorize)(*route, *request);
    if (!caller) co_return std::move(caller.error());
    request->caller = std::move(*caller);
    co_return route->handler(*request);
  } catch (const std::exception& error) {
    Log(LogLevel::kError, "http.handler.threw", {{"route", route->pattern}, {"error", error.what()}});
    co_return Problem(500, "the request failed for a reason that is in the log");
  }
}

/// The head of an answer. What it says itself goes before what the server says of all.
template <typename Body>
void SetHead(http::response<Body>& message, const HttpResponse& response, bool keep, bool secure) {
  message.result(static_cast<unsigned int>(response.status));
  message.reason(beast::string_view(StatusPhrase(response.status).data(), StatusPhrase(response.status).size()));
  message.set(http::field::date, HttpDate());
  if (!IsBodiless(response.status)) message.set(http::field::content_type, response.content_type);
  message.set(http::field::cache_control, "no-store");
  message.set("X-Content-Type-Options", "nosniff");
  message.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  message.set("Referrer-Policy", "same-origin");
  message.set("X-Frame-Options", "DENY");
  message.set("Cross-Origin-Opener-Policy", "same-origin");
  message.set("Cross-Origin-Resource-Policy", "same-origin");
  if (secure) message.set("Strict-Transport-Security", "max-age=31536000");
  for (const auto& [name, value] : response.headers) message.erase(name);
  for (const auto& [name, value] : response.headers) message.insert(name, value);
  message.keep_alive(keep);
}

std::chrono::milliseconds Millis(std::int64_t count) {
  return std::chrono::milliseconds(count);
}

}  // namespace

Connection::Connection(Shared& shared, asio::ip::tcp::socket socket)
    : shared_(shared),
      stream_(std::move(socket), shared.settings.tls ? shared.settings.tls->context() : nullptr),
      buffer_(shared.settings.header_bytes_max + 4'096) {
  beast::error_code error;
  const auto peer = stream_.socket().remote_endpoint(error);
  if (!error) address_ = peer.address().to_string();
  from_loopback_ = IsLoopback(address_);
}

asio::awaitable<void> Connection::Serve() {
  // No condition holds a co_await: g++ 12 makes wrong code of it.
  stream_.expires_after(Millis(shared_.settings.request_ms_max));
  bool goes_on = co_await stream_.Handshake();
  if (goes_on) goes_on = co_await AwaitRequest();
  while (goes_on) {
    goes_on = co_await ServeOne();
    if (goes_on) goes_on = co_await AwaitRequest();
  }
  stream_.close();
}

/// Waits for the first byte of a request.
asio::awaitable<bool> Connection::AwaitRequest() {
  if (buffer_.size() > 0) co_return true;
  if (shared_.stopping) co_return false;
  idle_ = true;
  stream_.expires_after(Millis(shared_.settings.idle_ms_max));
  constexpr std::size_t kReadBytes = 4'096;
  const auto [error, bytes] = co_await stream_.async_read_some(buffer_.prepare(kReadBytes), kTuple);
  idle_ = false;
  buffer_.commit(bytes);
  co_return !error;
}

asio::awaitable<bool> Connection::ServeOne() {
  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(shared_.settings.header_bytes_max));
  parser.body_limit(shared_.settings.body_bytes_max);
  stream_.expires_after(Millis(shared_.settings.request_ms_max));
  const auto [error, bytes] = co_await http::async_read_header(stream_, buffer_, parser, kTuple);
  static_cast<void>(bytes);
  std::optional<HttpResponse> refusal;
  if (error) {
    refusal = Unreadable(error);
    if (!refusal) co_return false;
    shared_.settings.counters->Finish("", std::to_string(refusal->status), 0);
    co_await Send(parser, *refusal, false);
    co_return false;
  }
  const auto& message = parser.get();
  HttpRequest request{.method = std::string(message.method_string()), .path_values = {}, .query = {}};
  RouteMatch match;
  refusal = CheckHeader(message);
  if (auto target = ParseTarget(std::string_view(message.target().data(), message.target().size())); !target) {
    if (!refusal) refusal = Problem(400, "the address of the request cannot be understood");
  } else {
    request.path = std::move(target->path);
    match = shared_.routes.Find(request.method, request.path);
    if (!refusal && match.route == nullptr) refusal = NotFound(match, request.method);
    if (!refusal) refusal = TakeQuery(*match.route, std::move(target->query), request);
  }
  if (refusal) {
    shared_.settings.counters->Finish("", std::to_string(refusal->status), 0);
    const bool whole = parser.is_done() || (!parser.chunked() && parser.content_length().value_or(0) == 0);
    const bool keep = whole && message.keep_alive() && !shared_.stopping;
    const bool kept = co_await Send(parser, *refusal, keep);
    co_return kept;
  }
  request.path_values = std::move(match.values);
  const double began = MonotonicSeconds();
  HttpResponse response = co_await Respond(parser, *match.route, std::move(request));
  constexpr double kMillisPerSecond = 1e3;
  const double took = MonotonicSeconds() - began;
  shared_.settings.counters->Finish(match.route->method + " " + match.route->pattern, std::to_string(response.status),
                                    took);
  const bool notable = match.route->method != "GET" || response.status >= 400;
  Log(notable ? LogLevel::kInfo : LogLevel::kDebug, "http.request",
      {{"method", match.route->method},
       {"route", match.route->pattern},
       {"status", response.status},
       {"took_ms", static_cast<std::int64_t>(took * kMillisPerSecond)}});
  const bool keep = parser.is_done() && message.keep_alive() && !shared_.stopping;
  bool kept = false;
  if (response.stream != nullptr && message.method() != http::verb::head) {
    kept = co_await SendStream(parser, response, match.route->lane, keep);
    // What a stream still has at work ends on the threads where it began, not on that of the network.
    if (!response.stream->immediate()) {
      asio::post(shared_.Work(match.route->lane).pool(), [stream = std::move(response.stream)] {});
    }
  } else {
    kept = co_await Send(parser, response, keep);
  }
  EndWatch();
  co_return kept;
}

void Connection::EndWatch() {
  if (watch_) watch_->End();
  watch_.reset();
}

void Connection::BeginStop() {
  if (idle_) {
    stream_.close();
  } else if (waker_) {
    waker_->Wake();
  }
}

void Connection::Close() {
  if (watch_) watch_->RequestStop();
  stream_.close();
}

asio::awaitable<HttpResponse> Connection::Respond(Parser& parser, const Route& route, HttpRequest request) {
  if (parser.content_length().value_or(0) > shared_.settings.body_bytes_max)
    co_return Problem(413, "the body of the request is too large");
  if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    const auto [error, bytes] = co_await asio::async_write(stream_, asio::buffer(kContinue), kTuple);
    static_cast<void>(bytes);
    if (error) co_return Problem(400, "the connection ended");
  }
  if (!parser.is_done()) {
    const auto [error, bytes] = co_await http::async_read(stream_, buffer_, parser, kTuple);
    static_cast<void>(bytes);
    if (error) co_return Unreadable(error).value_or(Problem(400, "the request ended too early"));
  }
  for (const auto& field : parser.get()) {
    request.headers.emplace_back(LowerAscii({field.name_string().data(), field.name_string().size()}),
                                 std::string(field.value()));
  }
  request.body = std::move(parser.get().body());
  request.address = address_;
  request.from_loopback = from_loopback_;
  request.secure = stream_.secure();
  HttpResponse response = co_await RunHandler(route, request);
  co_return response;
}

asio::awaitable<HttpResponse> Connection::RunHandler(const Route& route, HttpRequest& request) {
  LaneWork& work = shared_.Work(route.lane);
  stream_.expires_never();
  const bool has_turn = co_await work.Enter(stream_.get_executor(), Millis(shared_.settings.turn_ms_max));
  if (!has_turn) {
    HttpResponse busy = Problem(503, "the server has too much to do");
    busy.headers.emplace_back("Retry-After", "1");
    co_return busy;
  }
  watch_ = std::make_shared<PeerWatch>(stream_.get_executor(), stream_.socket().native_handle());
  request.stop = watch_->token();
  watch_->Begin();
  // Destroyed by nobody but this frame, which waits: the pool may look at both.
  HttpResponse response =
      co_await asio::co_spawn(work.pool(), Handle(&shared_.authorize, &route, &request), asio::use_awaitable);
  work.Leave();
  co_return response;
}

asio::awaitable<bool> Connection::Send(const Parser& parser, const HttpResponse& response, bool keep) {
  http::response<http::string_body> message;
  SetHead(message, response, keep, stream_.secure());
  const bool head = parser.is_header_done() && parser.get().method() == http::verb::head;
  if (!IsBodiless(response.status) && response.stream == nullptr) message.content_length(response.body.size());
  if (!head && !IsBodiless(response.status)) message.body() = response.body;
  stream_.expires_after(Millis(shared_.settings.write_ms_max));
  const auto [error, bytes] = co_await http::async_write(stream_, message, kTuple);
  static_cast<void>(bytes);
  if (error) co_return false;
  if (!keep) co_await Linger();
  co_return keep;
}

asio::awaitable<bool> Connection::SendStream(const Parser& parser, const HttpResponse& response, Lane lane, bool keep) {
  // An older client knows the end by the end of the connection.
  const bool chunked = parser.get().version() >= kHttp11;
  if (!chunked) keep = false;
  http::response<http::empty_body> message;
  SetHead(message, response, keep, stream_.secure());
  message.chunked(chunked);
  http::response_serializer<http::empty_body> serializer(message);
  stream_.expires_after(Millis(shared_.settings.write_ms_max));
  const auto [error, bytes] = co_await http::async_write_header(stream_, serializer, kTuple);
  static_cast<void>(bytes);
  if (error) co_return false;
  waker_ = std::make_shared<Waker>(stream_.get_executor());
  const bool whole = co_await SendPieces(*response.stream, lane, chunked);
  waker_.reset();
  if (!whole) co_return false;
  if (!keep) co_await Linger();
  co_return keep;
}

asio::awaitable<bool> Connection::SendPieces(BodyStream& body, Lane lane, bool chunked) {
  const std::shared_ptr<Waker> waker = waker_;
  const WakesStream wakes(body, waker);
  const std::stop_callback gone(watch_->token(), [waker] { waker->Post(); });
  BodyStream::Then then = BodyStream::Then::kMore;
  while (then != BodyStream::Then::kEnd && !watch_->token().stop_requested()) {
    stream_.expires_never();
    std::string bytes;
    bool woken = true;
    if (then == BodyStream::Then::kWait) {
      woken = co_await waker->Wait(Millis(shared_.settings.heartbeat_ms));
      if (watch_->token().stop_requested()) co_return false;
    }
    if (!woken) {
      bytes = body.Heartbeat();
    } else {
      Result<BodyStream::Piece> piece = co_await NextPiece(body, shared_.Work(lane).pool());
      if (!piece) {
        Log(LogLevel::kWarn, "http.stream.cut", {{"error", piece.error().ToString()}});
        co_return false;
      }
      bytes = std::move(piece->bytes);
      then = piece->then;
    }
    if (then == BodyStream::Then::kWait && shared_.stopping) then = BodyStream::Then::kEnd;
    const bool written = co_await WritePiece(bytes, chunked);
    if (!written) co_return false;
  }
  if (then != BodyStream::Then::kEnd) co_return false;
  if (!chunked) co_return true;
  const auto [error, count] = co_await asio::async_write(stream_, http::make_chunk_last(), kTuple);
  static_cast<void>(count);
  co_return !error;
}

asio::awaitable<bool> Connection::WritePiece(const std::string& bytes, bool chunked) {
  stream_.expires_after(Millis(shared_.settings.write_ms_max));
  if (bytes.empty()) co_return true;
  beast::error_code failure;
  if (chunked) {
    const auto [error, count] = co_await asio::async_write(stream_, http::make_chunk(asio::buffer(bytes)), kTuple);
    static_cast<void>(count);
    failure = error;
  } else {
    const auto [error, count] = co_await asio::async_write(stream_, asio::buffer(bytes), kTuple);
    static_cast<void>(count);
    failure = error;
  }
  co_return !failure;
}

asio::awaitable<void> Connection::Linger() {
  stream_.expires_after(kLingerTime);
  co_await stream_.EndSending();
  std::array<char, 4'096> rest{};
  for (std::size_t total = 0; total < kLingerBytesMax;) {
    const auto [error, bytes] = co_await stream_.async_read_some(asio::buffer(rest), kTuple);
    if (error) break;
    total += bytes;
  }
}

}  // namespace smelt::serve::internal
