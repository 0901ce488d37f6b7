#include "transform/internal/artefacts/run_results_file.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>

#include "transform/internal/artefacts/artefact_file.h"

namespace smelt::transform {
namespace {

bool IsTestResult(const NodeResult& result) {
  return result.step.kind == "test" || result.step.kind == "unit_test";
}

/// Of an exposure or saved query, which makes nothing.
bool IsDescribedResult(const NodeResult& result) {
  return result.step.kind == "exposure" || result.step.kind == "saved_query";
}

void WriteTiming(const NodeResult& result, JsonWriter& json) {
  json.Key("timing").BeginList();
  if (result.started_micros > 0) {
    const std::int64_t compiled = result.compiled_micros > 0 ? result.compiled_micros : result.started_micros;
    const std::array parts = {std::tuple("compile", result.started_micros, compiled),
                              std::tuple("execute", compiled, result.finished_micros)};
    for (const auto& [name, begin, end] : parts) {
      json.BeginObject();
      json.Key("name").Text(name);
      json.Key("started_at").Text(ArtefactTime(begin));
      json.Key("completed_at").Text(ArtefactTime(end));
      json.EndObject();
    }
  }
  json.EndList();
}

/// What dbt says of a microbatch model.
std::string BatchVerdict(const Json& batches) {
  const std::size_t successful = batches["successful"].size();
  const std::size_t failed = batches["failed"].size();
  if (failed == 0) return "SUCCESS";
  return successful == 0 ? "ERROR" : fmt::format("PARTIAL SUCCESS ({}/{})", successful, successful + failed);
}

std::string ThreadText(const NodeResult& result, const Node* node) {
  if (node == nullptr && !IsDescribedResult(result)) return "MainThread";
  if (node == nullptr) return fmt::format("Thread-{}", result.thread);
  return node->type == ResourceType::kOperation ? "main" : fmt::format("Thread-{}", result.thread);
}

void WriteResponse(const NodeResult& result, JsonWriter& json) {
  json.Key("adapter_response").BeginObject();
  const bool worked = !result.error && result.step.status != StepStatus::kSkipped && result.step.kind != "operation" &&
                      result.step.kind != "compiled" && !IsDescribedResult(result);
  if (worked) json.Key("_message").Text("OK");
  if (worked && result.rows_affected >= 0) json.Key("rows_affected").Integer(result.rows_affected);
  json.EndObject();
}

void WriteResult(const ProjectState& project, const NodeResult& result, JsonWriter& json) {
  const Node* node = FindNode(project.manifest, result.unique_id);  // of a macro that was called, null
  const bool is_seed = node != nullptr && node->type == ResourceType::kSeed;
  const bool has_template = !is_seed && !IsDescribedResult(result);
  json.BeginObject();
  json.Key("status").Text(ArtefactStatus(result));
  WriteTiming(result, json);
  json.Key("thread_id").Text(ThreadText(result, node));
  json.Key("execution_time").Number(result.step.seconds);
  WriteResponse(result, json);
  json.Key("message").TextOrNull(ArtefactMessage(project, result));
  json.Key("failures");
  if (const auto failures = ArtefactFailures(result)) {
    json.Integer(*failures);
  } else {
    json.Null();
  }
  json.Key("unique_id").Text(result.unique_id);
  const bool has_text = has_template && !result.compiled.empty();
  json.Key("compiled");
  if (has_template) {
    json.Boolean(has_text);
  } else {
    json.Null();
  }
  json.Key("compiled_code").TextOrNull(has_text ? result.compiled : "");
  json.Key("relation_name")
      .TextOrNull(node != nullptr && IsRefable(node->type) && !is_seed ? ArtefactRelation(node->relation) : "");
  json.Key("batch_results").Value(result.batches);
  json.EndObject();
}

/// How the command was called: every flag that was given, and what tools expect to find.
void WriteArguments(const ProjectState& project, JsonWriter& json) {
  const InvokeOptions& options = project.options;
  Json args = options.flags;
  args["which"] = CommandText(options.command);
  args["select"] = options.select;
  args["exclude"] = options.exclude;
  args["vars"] = options.vars;
  args["target"] = options.target.name;
  args["full_refresh"] = options.full_refresh;
  args["project_dir"] = std::filesystem::absolute(options.project_dir).lexically_normal().string();
  if (!args.contains("invocation_command")) args["invocation_command"] = "";
  json.Key("args").Value(args);
}

}  // namespace

std::string_view ArtefactStatus(const NodeResult& result) {
  const bool is_test = IsTestResult(result);
  switch (result.step.status) {
    case StepStatus::kDone:
    case StepStatus::kNothing:
      if (IsDescribedResult(result)) return "no-op";
      return is_test ? "pass" : "success";
    case StepStatus::kWarned: return "warn";
    case StepStatus::kFailed:
      if (!result.batches.is_null() && !result.batches["successful"].empty()) return "partial success";
      return is_test && !result.error ? "fail" : "error";
    case StepStatus::kSkipped: return "skipped";
  }
  SMELT_ASSERT(false);
}

std::string ArtefactMessage(const ProjectState& project, const NodeResult& result) {
  const Node* node = FindNode(project.manifest, result.unique_id);
  if (result.step.kind == "operation") {
    if (node == nullptr) return {};
    if (result.error) return fmt::format("{} failed, error:\n {}", result.step.name, result.error->ToString());
    const bool is_skipped = result.step.status == StepStatus::kSkipped;
    return fmt::format("{} {}", result.step.name, is_skipped ? "skipped" : "passed");
  }
  std::string batches = result.batches.is_null() ? "" : BatchVerdict(result.batches);
  if (result.error) return batches + (batches.empty() ? "" : "\n") + result.error->ToString();
  if (!batches.empty()) return batches;
  if (result.step.status == StepStatus::kSkipped || result.step.kind == "compiled") return {};
  if (IsDescribedResult(result)) return "NO-OP";
  if (result.step.kind == "unit_test") return result.step.message;
  if (!IsTestResult(result)) return result.rows_affected >= 0 ? fmt::format("OK {}", result.rows_affected) : "OK";
  if (result.failures <= 0 || node == nullptr) return {};
  const bool failed = result.step.status == StepStatus::kFailed;
  return fmt::format("Got {} result{}, configured to {} if {}", result.failures, result.failures == 1 ? "" : "s",
                     failed ? "fail" : "warn", failed ? node->config.error_if : node->config.warn_if);
}

std::optional<std::int64_t> ArtefactFailures(const NodeResult& result) {
  if (IsDescribedResult(result) && result.step.status == StepStatus::kSkipped) return std::nullopt;
  const bool counts =
      IsTestResult(result) || IsDescribedResult(result) || result.step.kind == "operation" || !result.batches.is_null();
  return counts && result.failures >= 0 ? std::optional(result.failures) : std::nullopt;
}

Status WriteRunResults(const ProjectState& project, const std::vector<NodeResult>& results, double seconds) {
  JsonWriter json;
  BeginArtefact(project, "run-results/v6", json);
  json.EndObject();
  json.Key("results").BeginList();
  for (const NodeResult& result : results) WriteResult(project, result, json);
  json.EndList();
  json.Key("elapsed_time").Number(seconds);
  WriteArguments(project, json);
  json.EndObject();
  return WriteArtefact(project, "run_results.json", json);
}

}  // namespace smelt::transform
