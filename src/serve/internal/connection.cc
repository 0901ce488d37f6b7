#include "serve/internal/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <ctime>
#include <exception>
#include <optional>
#include <string>
#include <utility>

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

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char byte) { return std::tolower(byte); });
  return lower;
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

HttpResponse NotFound(const RouteMatch& match, std::string_view method) {
  if (match.allowed.empty()) return Problem(404, "there is nothing at this address");
  HttpResponse response = Problem(405, fmt::format("{} is not possible here", method));
  response.headers.emplace_back("Allow", fmt::format("{}", fmt::join(match.allowed, ", ")));
  return response;
}

std::optional<HttpResponse> CheckQuery(const Route& route, const HttpRequest& request) {
  for (const auto& [name, value] : request.query) {
    if (std::ranges::find(route.parameters, name, &RouteParameter::name) == route.parameters.end())
      return Problem(400, fmt::format("there is no parameter '{}' here", name));
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

std::chrono::milliseconds Millis(std::int64_t count) {
  return std::chrono::milliseconds(count);
}

}  // namespace

Connection::Connection(Shared& shared, asio::ip::tcp::socket socket)
    : shared_(shared), stream_(std::move(socket)), buffer_(shared.settings.header_bytes_max + 4'096) {
  beast::error_code error;
  const auto peer = stream_.socket().remote_endpoint(error);
  from_loopback_ = !error && IsLoopback(peer.address().to_string());
}

asio::awaitable<void> Connection::Serve() {
  // No condition holds a co_await: g++ 12 makes wrong code of it.
  bool goes_on = co_await AwaitRequest();
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
    request.query = std::move(target->query);
    match = shared_.routes.Find(request.method, request.path);
    if (!refusal && match.route == nullptr) refusal = NotFound(match, request.method);
    if (!refusal) refusal = CheckQuery(*match.route, request);
  }
  if (refusal) {
    const bool whole = parser.is_done() || (!parser.chunked() && parser.content_length().value_or(0) == 0);
    const bool keep = whole && message.keep_alive() && !shared_.stopping;
    const bool kept = co_await Send(parser, *refusal, keep);
    co_return kept;
  }
  request.path_values = std::move(match.values);
  const double began = MonotonicSeconds();
  const HttpResponse response = co_await Respond(parser, *match.route, std::move(request));
  constexpr double kMillisPerSecond = 1e3;
  const bool notable = match.route->method != "GET" || response.status >= 400;
  Log(notable ? LogLevel::kInfo : LogLevel::kDebug, "http.request",
      {{"method", match.route->method},
       {"route", match.route->pattern},
       {"status", response.status},
       {"took_ms", static_cast<std::int64_t>((MonotonicSeconds() - began) * kMillisPerSecond)}});
  const bool keep = parser.is_done() && message.keep_alive() && !shared_.stopping;
  const bool kept = co_await Send(parser, response, keep);
  co_return kept;
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
    request.headers.emplace_back(Lower({field.name_string().data(), field.name_string().size()}),
                                 std::string(field.value()));
  }
  request.body = std::move(parser.get().body());
  request.from_loopback = from_loopback_;
  request.stop = shared_.cut;
  if (shared_.handlers >= shared_.settings.handlers_max) {
    HttpResponse busy = Problem(503, "the server has too much to do");
    busy.headers.emplace_back("Retry-After", "1");
    co_return busy;
  }
  ++shared_.handlers;
  stream_.expires_never();
  // Destroyed by nobody but this frame, which waits: the pool may look at both.
  HttpResponse response =
      co_await asio::co_spawn(shared_.pool, Handle(&shared_.authorize, &route, &request), asio::use_awaitable);
  --shared_.handlers;
  co_return response;
}

asio::awaitable<bool> Connection::Send(const Parser& parser, const HttpResponse& response, bool keep) {
  http::response<http::string_body> message;
  message.result(static_cast<unsigned int>(response.status));
  message.reason(beast::string_view(StatusPhrase(response.status).data(), StatusPhrase(response.status).size()));
  message.set(http::field::date, HttpDate());
  message.set(http::field::content_type, response.content_type);
  message.set(http::field::cache_control, "no-store");
  message.set("X-Content-Type-Options", "nosniff");
  message.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  for (const auto& [name, value] : response.headers) message.insert(name, value);
  message.keep_alive(keep);
  message.content_length(response.body.size());
  const bool head = parser.is_header_done() && parser.get().method() == http::verb::head;
  if (!head) message.body() = response.body;
  stream_.expires_after(Millis(shared_.settings.write_ms_max));
  const auto [error, bytes] = co_await http::async_write(stream_, message, kTuple);
  static_cast<void>(bytes);
  if (error) co_return false;
  if (!keep) co_await Linger();
  co_return keep;
}

asio::awaitable<void> Connection::Linger() {
  beast::error_code ignored;
  ignored = stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  stream_.expires_after(kLingerTime);
  std::array<char, 4'096> rest{};
  for (std::size_t total = 0; total < kLingerBytesMax;) {
    const auto [error, bytes] = co_await stream_.async_read_some(asio::buffer(rest), kTuple);
    if (error) break;
    total += bytes;
  }
}

}  // namespace smelt::serve::internal
