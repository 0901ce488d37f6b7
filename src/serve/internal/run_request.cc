#include "serve/internal/run_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "base/config.h"

namespace smelt::serve::internal {
namespace {

constexpr std::size_t kNoteBytesMax = 1'000;
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

/// One step of a JSON pointer (RFC 6901).
std::string Step(std::string_view name) {
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

std::expected<Json, HttpResponse> ReadBody(const HttpRequest& request) {
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

void CheckParams(const Json& given, const pipeline::Pipeline& pipeline, RunRequest& wanted,
                 std::vector<FieldProblem>& problems) {
  std::vector<std::string_view> names;
  for (const pipeline::Param& param : pipeline.params) names.push_back(param.name);
  for (const auto& [name, value] : pipeline.vars.items()) names.push_back(name);
  for (const auto& [name, value] : given.items()) {
    if (std::ranges::find(names, name) == names.end()) {
      const std::string near = NearestWord(name, names);
      const std::string cure = near.empty() ? "" : fmt::format("; did you mean '{}'?", near);
      problems.push_back({"/params" + Step(name), fmt::format("the pipeline has no such param{}", cure)});
    }
    wanted.params[name] = value;
  }
  for (const pipeline::Param& param : pipeline.params) {
    const auto value = given.find(param.name);
    if (value == given.end()) {
      if (param.fallback.is_null()) problems.push_back({"/params" + Step(param.name), "it is required"});
      continue;
    }
    auto fitted = pipeline::FitParam(param, *value);
    if (fitted) {
      wanted.params[param.name] = std::move(*fitted);
    } else {
      problems.push_back(
          {"/params" + Step(param.name), fmt::format("{}; {}", fitted.error().message(), fitted.error().hint())});
    }
  }
}

}  // namespace

std::expected<RunRequest, HttpResponse> ReadRunRequest(const HttpRequest& request, const pipeline::Pipeline& pipeline) {
  auto body = ReadBody(request);
  if (!body) return std::unexpected(std::move(body.error()));
  if (!body->is_object()) return std::unexpected(FieldProblems({{"", "the body must be an object"}}));
  std::vector<FieldProblem> problems;
  for (const auto& [key, value] : body->items()) {
    if (key != "params" && key != "note")
      problems.push_back({Step(key), "there is no such field: use params and note"});
  }
  RunRequest wanted;
  if (const auto note = body->find("note"); note != body->end()) {
    if (note->is_string()) wanted.note = note->get<std::string>();
    if (!note->is_string() || wanted.note.size() > kNoteBytesMax)
      problems.push_back({"/note", fmt::format("it must be a text of at most {} bytes", kNoteBytesMax)});
  }
  const auto params = body->find("params");
  if (params != body->end() && !params->is_object()) {
    problems.push_back({"/params", "it must be an object of names and values"});
  } else {
    CheckParams(params == body->end() ? Json::object() : *params, pipeline, wanted, problems);
  }
  if (!problems.empty()) return std::unexpected(FieldProblems(problems));
  return wanted;
}

}  // namespace smelt::serve::internal
