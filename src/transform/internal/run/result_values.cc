#include "transform/internal/run/result_values.h"

#include <fmt/format.h>

#include <array>
#include <set>
#include <tuple>

#include "transform/internal/artefacts/artefact_file.h"
#include "transform/internal/artefacts/described_text.h"
#include "transform/internal/artefacts/run_results_file.h"
#include "transform/internal/jinja/dict.h"
#include "transform/internal/jinja/object.h"
#include "transform/internal/modules/datetime_values.h"
#include "transform/internal/project/project_state.h"
#include "transform/internal/project/relation.h"
#include "transform/internal/project/render_context.h"

namespace smelt::transform {
namespace {

using jinja::Arguments;
using jinja::Function;
using jinja::Interpreter;
using jinja::Record;
using jinja::Value;

/// A record that also gives itself as a dict.
Value WithDict(const std::string& type, jinja::Dict fields) {
  auto record = std::make_shared<Record>(type);
  for (const auto& [name, value] : fields.entries()) record->Set(name.ToText(), value);
  Value dict = Value::MakeDict(std::move(fields));
  record->Set("to_dict",
              Function::Make("to_dict", [dict](Interpreter&, Arguments) { return Result<Value>(dict); }, {dict}));
  return Value(std::move(record));
}

Value TimingValue(const NodeResult& result) {
  jinja::List parts;
  if (result.started_micros == 0) return Value::MakeList(std::move(parts));
  const std::int64_t compiled = result.compiled_micros > 0 ? result.compiled_micros : result.started_micros;
  const std::array spans = {std::tuple("compile", result.started_micros, compiled),
                            std::tuple("execute", compiled, result.finished_micros)};
  for (const auto& [name, begin, end] : spans) {
    jinja::Dict span;
    span.Set("name", name);
    span.Set("started_at", jinja::DateTime::InUtc(begin));
    span.Set("completed_at", jinja::DateTime::InUtc(end));
    parts.push_back(WithDict("timing", std::move(span)));
  }
  return Value::MakeList(std::move(parts));
}

Value NodeValue(const Node& node, const NodeResult& result) {
  Json text = DescribeNode(node, node.config.all);
  text["compiled"] = !result.compiled.empty();
  text["compiled_code"] = result.compiled.empty() ? Json() : Json(result.compiled);
  text["relation_name"] = IsRefable(node.type) ? Json(ArtefactRelation(node.relation)) : Json();
  jinja::Dict fields;
  for (const auto& [key, value] : text.items()) fields.Set(key, Value::FromJson(value));
  return WithDict("node", std::move(fields));
}

Value NodeValue(const ProjectState& project, const Described& described) {
  jinja::Dict fields;
  for (const auto& [key, value] : DescribedText(project, described).items()) fields.Set(key, Value::FromJson(value));
  return WithDict("node", std::move(fields));
}

Value ResultValue(const RunContext& run, const NodeResult& result, Value node) {
  const std::string message = ArtefactMessage(run.project.state(), result);
  const auto failures = ArtefactFailures(result);
  Json response = Json::object();
  if (!result.error && result.step.status != StepStatus::kSkipped) response["_message"] = "OK";
  if (result.rows_affected >= 0) response["rows_affected"] = result.rows_affected;
  jinja::Dict fields;
  fields.Set("node", std::move(node));
  fields.Set("unique_id", result.unique_id);
  fields.Set("status", ArtefactStatus(result));
  fields.Set("message", message.empty() ? Value::None() : Value(message));
  fields.Set("failures", failures ? Value(*failures) : Value::None());
  fields.Set("execution_time", result.step.seconds);
  fields.Set("thread_id", fmt::format("Thread-{}", result.thread));
  fields.Set("timing", TimingValue(result));
  fields.Set("adapter_response", Value::FromJson(response));
  fields.Set("skip", result.step.status == StepStatus::kSkipped);
  return WithDict("result", std::move(fields));
}

}  // namespace

Value ResultValues(const RunContext& run, const std::vector<NodeResult>& results) {
  const Manifest& manifest = run.project.manifest();
  jinja::List values;
  for (const NodeResult& result : results) {
    const Node* node = FindNode(manifest, result.unique_id);
    if (node == nullptr) {
      const auto described = manifest.described.find(result.unique_id);
      if (described == manifest.described.end()) continue;
      values.push_back(ResultValue(run, result, NodeValue(run.project.state(), described->second)));
      continue;
    }
    const bool passed_hook = node->type == ResourceType::kOperation && result.step.status != StepStatus::kFailed;
    if (!passed_hook) values.push_back(ResultValue(run, result, NodeValue(*node, result)));
  }
  return Value::MakeList(std::move(values));
}

Value SchemaValues(const RunContext& run, const std::vector<NodeResult>& results, bool with_database) {
  std::set<std::string> schemas;
  for (const NodeResult& result : results) {
    const Node* node = FindNode(run.project.manifest(), result.unique_id);
    const bool built = result.step.status != StepStatus::kFailed && result.step.status != StepStatus::kSkipped;
    if (node != nullptr && IsRefable(node->type) && built) schemas.insert(node->relation.schema);
  }
  jinja::List values;
  for (const std::string& schema : schemas) {
    values.push_back(with_database ? Value::MakeTuple({kDatabase, schema}) : Value(schema));
  }
  return Value::MakeList(std::move(values));
}

}  // namespace smelt::transform
