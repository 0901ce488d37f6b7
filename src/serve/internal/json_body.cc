#include "serve/internal/json_body.h"

#include <fmt/format.h>

#include <utility>

namespace smelt::serve::internal {
namespace {

/// What reads a value goes down as deep as it is nested.
constexpr int kDepthMax = 64;

bool IsTooDeep(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      quoted = !quoted;
    else if (!quoted && (text[i] == '[' || text[i] == '{') && ++depth > kDepthMax)
      return true;
    else if (!quoted && (text[i] == ']' || text[i] == '}'))
      --depth;
  }
  return false;
}

}  // namespace

std::expected<Json, HttpResponse> ReadJsonBody(const HttpRequest& request) {
  if (request.body.empty()) return Json::object();
  const std::string_view type = request.Header("content-type").value_or("");
  std::string_view media = type.substr(0, type.find(';'));
  while (media.ends_with(' ')) media.remove_suffix(1);
  const bool is_json = media == "application/json" || (media.starts_with("application/") && media.ends_with("+json"));
  if (!is_json) return std::unexpected(Problem(415, "the body must be of the type application/json"));
  if (IsTooDeep(request.body)) {
    return std::unexpected(Problem(400, fmt::format("the body is nested more than {} deep", kDepthMax)));
  }
  auto body = ParseJson(request.body, "body");
  if (!body) return std::unexpected(ProblemOf(body.error()));
  return std::move(*body);
}

std::string PointerStep(std::string_view name) {
  std::string step = "/";
  for (const char byte : name) {
    if (byte == '~')
      step += "~0";
    else if (byte == '/')
      step += "~1";
    else
      step += byte;
  }
  return step;
}

}  // namespace smelt::serve::internal
