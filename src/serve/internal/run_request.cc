#include "serve/internal/run_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "base/config.h"
#include "serve/internal/json_body.h"

namespace smelt::serve::internal {
namespace {

constexpr std::size_t kNoteBytesMax = 1'000;

void CheckParams(const Json& given, const pipeline::Pipeline& pipeline, RunRequest& wanted,
                 std::vector<FieldProblem>& problems) {
  std::vector<std::string_view> names;
  for (const pipeline::Param& param : pipeline.params) names.push_back(param.name);
  for (const auto& [name, value] : pipeline.vars.items()) names.push_back(name);
  for (const auto& [name, value] : given.items()) {
    if (std::ranges::find(names, name) == names.end()) {
      const std::string near = NearestWord(name, names);
      const std::string cure = near.empty() ? "" : fmt::format("; did you mean '{}'?", near);
      problems.push_back({"/params" + PointerStep(name), fmt::format("the pipeline has no such param{}", cure)});
    }
    wanted.params[name] = value;
  }
  for (const pipeline::Param& param : pipeline.params) {
    const auto value = given.find(param.name);
    if (value == given.end()) {
      if (param.fallback.is_null()) problems.push_back({"/params" + PointerStep(param.name), "it is required"});
      continue;
    }
    auto fitted = pipeline::FitParam(param, *value);
    if (fitted) {
      wanted.params[param.name] = std::move(*fitted);
    } else {
      problems.push_back({"/params" + PointerStep(param.name),
                          fmt::format("{}; {}", fitted.error().message(), fitted.error().hint())});
    }
  }
}

/// A text within a notification, which may have any shape.
std::string TextAtPointer(const Json& json, const char* pointer) {
  const Json::json_pointer at(pointer);
  if (!json.contains(at) || !json.at(at).is_string()) return "";
  return json.at(at).get<std::string>();
}

/// What a notification says has happened: "s3:ObjectCreated:Put drops/raw/orders.csv and 2 more".
std::string NoteOf(const Json& records) {
  const Json first = records.empty() ? Json::object() : records.front();
  std::string note = fmt::format("{} {}/{}", TextAtPointer(first, "/eventName"),
                                 TextAtPointer(first, "/s3/bucket/name"), TextAtPointer(first, "/s3/object/key"));
  if (records.size() > 1) note += fmt::format(" and {} more", records.size() - 1);
  return note.substr(0, kNoteBytesMax);
}

}  // namespace

std::expected<RunRequest, HttpResponse> ReadRunRequest(const HttpRequest& request, const pipeline::Pipeline& pipeline) {
  auto body = ReadJsonBody(request);
  if (!body) return std::unexpected(std::move(body.error()));
  if (!body->is_object()) return std::unexpected(FieldProblems({{"", "the body must be an object"}}));
  std::vector<FieldProblem> problems;
  const auto records = body->find("Records");
  const bool is_notification = records != body->end() && records->is_array() && !body->contains("params");
  if (is_notification) *body = {{"note", NoteOf(*records)}};
  for (const auto& [key, value] : body->items()) {
    if (key != "params" && key != "note")
      problems.push_back({PointerStep(key), "there is no such field: use params and note"});
  }
  RunRequest wanted;
  wanted.is_notification = is_notification;
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
