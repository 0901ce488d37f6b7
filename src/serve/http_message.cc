#include "serve/http_message.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"

namespace smelt::serve {
namespace {

constexpr int kUnprocessable = 422;
constexpr int kFirstServerError = 500;

std::string Text(const Json& body) {
  return JsonText(body) + "\n";
}

}  // namespace

std::optional<std::string_view> HttpRequest::Header(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, &std::pair<std::string, std::string>::first);
  if (found == headers.end()) return std::nullopt;
  return found->second;
}

HttpResponse JsonResponse(int status, const Json& body) {
  return {.status = status, .body = Text(body)};
}

std::string_view StatusPhrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case kUnprocessable: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    default: return status < 400 ? "OK" : status < kFirstServerError ? "Client Error" : "Server Error";
  }
}

HttpResponse Problem(int status, std::string_view detail, const Json& more) {
  Json body = {{"type", "about:blank"}, {"title", StatusPhrase(status)}, {"status", status}, {"detail", detail}};
  body.update(more);
  return {.status = status, .content_type = "application/problem+json", .body = Text(body)};
}

HttpResponse ProblemOf(const Error& error) {
  const ErrorCodeInfo& info = Describe(error.code());
  Json more = {{"code", CodeText(error.code())}};
  // That a statement took too long, or too much, is the statement's own story, not ours.
  const bool is_told = info.http_status < kFirstServerError || error.code() == ErrorCode::kServeTimeout ||
                       error.code() == ErrorCode::kSqlOutOfMemory;
  if (!is_told) Log(LogLevel::kError, "http.failed", {{"error", error.ToString()}});
  if (is_told && !error.hint().empty()) more["hint"] = error.hint();
  HttpResponse response = Problem(info.http_status, is_told ? error.message() : std::string(info.meaning), more);
  if (info.retryable) response.headers.emplace_back("Retry-After", "1");
  return response;
}

HttpResponse FieldProblems(const std::vector<FieldProblem>& fields) {
  Json errors = Json::array();
  for (const FieldProblem& field : fields) errors.push_back({{"pointer", field.pointer}, {"detail", field.detail}});
  const std::string detail = fields.size() == 1 ? fmt::format("{}: {}", fields[0].pointer, fields[0].detail)
                                                : fmt::format("{} fields are wrong", fields.size());
  return Problem(kUnprocessable, detail, {{"errors", std::move(errors)}});
}

}  // namespace smelt::serve
