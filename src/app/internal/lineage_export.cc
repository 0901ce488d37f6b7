#include "app/internal/lineage_export.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "app/internal/json_field.h"
#include "app/internal/lineage_datasets.h"
#include "base/clock.h"
#include "base/log.h"
#include "ingest/source.h"
#include "observe/stable_uuid.h"

namespace smelt::app {
namespace {

using observe::Facet;
using observe::LineageEvent;
using observe::LineageEventType;

Json JobType(std::string_view type) {
  return Facet("jobType", {{"processingType", "BATCH"}, {"integration", "SMELT"}, {"jobType", type}});
}

std::string Upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

void AddError(LineageEvent& event, const std::string& message) {
  event.run_facets["errorMessage"] = Facet("errorMessage", {{"message", message}, {"programmingLanguage", "SQL"}});
}

bool IsNode(const std::string& kind) {
  return kind == "model" || kind == "snapshot" || kind == "seed";
}

/// "orders_silver" of the step "suite orders_silver".
std::string SuiteOf(const StepResult& step) {
  constexpr std::string_view kSuite = "suite ";
  return step.name.starts_with(kSuite) ? step.name.substr(kSuite.size()) : step.name;
}

/// A truth value as the engine writes it.
bool IsTrue(const engine::Cell& cell) {
  return cell && *cell == "true";
}

}  // namespace

LineageEvent LineageExport::EventOf(const std::string& path, const std::string& job, std::int64_t at_us) const {
  LineageEvent event;
  event.time_us = at_us;
  event.run_id = observe::StableUuid(path);
  event.job_name_space = sources_.name_space;
  event.job = job;
  return event;
}

void LineageExport::OnRunStarted(const std::string& run_id, const pipeline::Pipeline& pipeline, std::int64_t at_us) {
  run_id_ = run_id;
  pipeline_ = pipeline.name;
  vars_ = pipeline.vars;
  vars_.update(sources_.vars);
  LineageEvent event = EventOf(run_id_, pipeline_, at_us);
  const std::int64_t nominal_us = sources_.scheduled_us > 0 ? sources_.scheduled_us : at_us;
  event.run_facets["nominalTime"] = Facet("nominalTime", {{"nominalStartTime", FormatUtcMicros(nominal_us)}});
  event.job_facets["jobType"] = JobType("PIPELINE");
  if (!pipeline.description.empty()) {
    event.job_facets["documentation"] = Facet("documentation", {{"description", pipeline.description}});
  }
  sender_.Send(ToJson(event));
}

void LineageExport::OnTaskStarted(const std::string& task, const std::string& type, int, std::int64_t at_us) {
  // The attempts at a task are one run.
  if (!started_.insert(task).second) return;
  LineageEvent event = EventOf(fmt::format("{}/{}", run_id_, task), fmt::format("{}.{}", pipeline_, task), at_us);
  event.parent = {observe::StableUuid(run_id_), pipeline_};
  event.job_facets["jobType"] = JobType(Upper(type));
  sender_.Send(ToJson(event));
}

void LineageExport::OnTaskFinished(const TimedTask& task) {
  if (task.started_us == 0) return;
  SendSteps(task);
  const pipeline::TaskReport& report = task.report;
  LineageEvent event = EventOf(fmt::format("{}/{}", run_id_, report.name), fmt::format("{}.{}", pipeline_, report.name),
                               task.finished_us);
  event.parent = {observe::StableUuid(run_id_), pipeline_};
  event.job_facets["jobType"] = JobType(Upper(report.type));
  event.type = LineageEventType::kComplete;
  if (!state::Succeeded(report.status)) {
    event.type = report.status == state::TaskStatus::kInterrupted ? LineageEventType::kAbort : LineageEventType::kFail;
    if (report.error) AddError(event, report.error->ToString());
  }
  sender_.Send(ToJson(event));
}

void LineageExport::OnRunFinished(const pipeline::RunReport& report, std::int64_t at_us) {
  LineageEvent event = EventOf(run_id_, pipeline_, at_us);
  event.type = LineageEventType::kComplete;
  const bool stopped = report.status == state::RunStatus::kInterrupted || report.status == state::RunStatus::kCancelled;
  if (stopped) event.type = LineageEventType::kAbort;
  if (report.status == state::RunStatus::kFailed) event.type = LineageEventType::kFail;
  if (report.error) AddError(event, report.error->ToString());
  event.job_facets["jobType"] = JobType("PIPELINE");
  sender_.Send(ToJson(event));
}

void LineageExport::SendSteps(const TimedTask& task) {
  std::optional<DbtGraph> graph;
  if (task.report.type == "build" || task.report.type == "validate") {
    transform::InvokeOptions options;
    options.project_dir = sources_.project.dbt;
    options.target_dir = sources_.target_dir;
    options.vars = vars_;
    auto loaded = DbtGraph::Load(sources_.engine, options, {});
    if (loaded) {
      graph = std::move(*loaded);
    } else {
      Log(LogLevel::kWarn, "lineage.untraced", {{"run_id", run_id_}, {"error", loaded.error().ToString()}});
    }
  }
  for (const TimedStep& step : task.steps) {
    const StepStatus status = step.result.status;
    if (status == StepStatus::kSkipped || (status == StepStatus::kNothing && !WasAudited(step.result))) continue;
    const std::string path = fmt::format("{}/{}/{}", run_id_, task.report.name, step.result.name);
    const std::string job = fmt::format("{}.{}.{}", pipeline_, task.report.name, step.result.name);
    LineageEvent event = EventOf(path, job, step.started_us);
    event.parent = {observe::StableUuid(fmt::format("{}/{}", run_id_, task.report.name)),
                    fmt::format("{}.{}", pipeline_, task.report.name)};
    event.root = {observe::StableUuid(run_id_), pipeline_};
    event.job_facets["jobType"] = JobType(Upper(step.result.kind));
    sender_.Send(ToJson(event));
    event.time_us = step.finished_us;
    // A test or suite that finds something wrong has done its work: the assertions say what it found.
    const bool is_check = step.result.kind == "test" || step.result.kind == "suite";
    const bool failed = status == StepStatus::kFailed && (!is_check || step.result.details.empty());
    event.type = failed ? LineageEventType::kFail : LineageEventType::kComplete;
    if (failed) AddError(event, step.result.message);
    Describe(task, step, graph ? &*graph : nullptr, event);
    sender_.Send(ToJson(event));
  }
}

void LineageExport::Describe(const TimedTask& task, const TimedStep& step, const DbtGraph* graph,
                             LineageEvent& event) const {
  const std::string& kind = step.result.kind;
  if (IsNode(kind)) {
    DescribeNode(step.result, graph, event);
  } else if (kind == "test") {
    DescribeTest(step.result, graph, event);
  } else if (kind == "suite") {
    DescribeSuite(step.result, graph, event);
  } else if (task.report.type == "ingest") {
    DescribeLoad(step.result, event);
  }
}

void LineageExport::DescribeNode(const StepResult& step, const DbtGraph* graph, LineageEvent& event) const {
  const LineageDatasets datasets(sources_.engine, graph);
  event.outputs.push_back(datasets.Output(step.name, step.rows_out));
  const Json* node = graph == nullptr ? nullptr : graph->NodeOf(step.name);
  if (node == nullptr) return;
  const std::string description = TextOf(*node, "description");
  if (!description.empty()) {
    event.job_facets["documentation"] = Facet("documentation", {{"description", description}});
  }
  const std::string code = TextOf(*node, "raw_code");
  if (!code.empty())
    event.job_facets["sourceCode"] = Facet("sourceCode", {{"language", "SQL with Jinja"}, {"sourceCode", code}});
  if (const auto sql = graph->CompiledSql(*node)) {
    event.job_facets["sql"] = Facet("sql", {{"query", *sql}, {"dialect", "duckdb"}});
  }
  const Json inputs = node->value("depends_on", Json::object()).value("nodes", Json::array());
  for (const Json& input : inputs) {
    if (!input.is_string()) continue;
    if (const auto table = graph->TableOf(input.get<std::string>())) event.inputs.push_back(datasets.Table(*table));
  }
}

void LineageExport::DescribeTest(const StepResult& step, const DbtGraph* graph, LineageEvent& event) const {
  const std::string table = TextOf(step.details, "table");
  if (table.empty()) return;
  const Json* node = graph == nullptr ? nullptr : graph->TestOf(step.name);
  Json assertion = {{"assertion", step.name}, {"success", step.status == StepStatus::kDone}};
  if (node != nullptr) {
    const std::string column = TextOf(*node, "column_name");
    if (!column.empty()) assertion["column"] = column;
    const Json metadata = node->value("test_metadata", Json());
    if (metadata.is_object() && !TextOf(metadata, "name").empty()) assertion["assertion"] = TextOf(metadata, "name");
    assertion["name"] = step.name;
    if (const auto sql = graph->CompiledSql(*node))
      event.job_facets["sql"] = Facet("sql", {{"query", *sql}, {"dialect", "duckdb"}});
  }
  assertion["severity"] = step.status == StepStatus::kWarned ? "warn" : "error";
  if (step.details.contains("failures")) assertion["actual"] = JsonText(step.details["failures"]);
  const LineageDatasets datasets(sources_.engine, graph);
  event.inputs.push_back(datasets.Checked(table, Json::array({assertion})));
}

/// Every expectation of the suite's last validation; of one that stored none, those that failed.
Json LineageExport::Assertions(const std::string& suite, const Json& failed) const {
  Json assertions = Json::array();
  if (const auto session = sources_.engine.Connect()) {
    const auto table = (*session)->Query(fmt::format(
        "select expectation, column_name, success, severity, observed_value from quality.results where suite = {0} and "
        "validated_at = (select max(validated_at) from quality.results where suite = {0})",
        engine::QuoteLiteral(suite)));
    if (table) {
      for (const auto& row : table->rows) {
        Json one = {{"assertion", row[0].value_or("")}, {"success", IsTrue(row[2])}};
        if (row[1] && !row[1]->empty()) one["column"] = *row[1];
        if (row[3]) one["severity"] = *row[3] == "error" ? "error" : "warn";
        if (row[4]) one["actual"] = *row[4];
        assertions.push_back(std::move(one));
      }
    }
  }
  if (!assertions.empty()) return assertions;
  for (const Json& one : failed) {
    Json assertion = {{"assertion", TextOf(one, "expectation")}, {"success", false}};
    if (!TextOf(one, "column").empty()) assertion["column"] = TextOf(one, "column");
    assertions.push_back(std::move(assertion));
  }
  return assertions;
}

bool LineageExport::WasAudited(const StepResult& step) const {
  if (step.kind != "suite") return false;
  const auto session = sources_.engine.Connect();
  if (!session) return false;
  const auto found =
      (*session)->Query(fmt::format("select 1 from quality.results where suite = {} and run_id = {} limit 1",
                                    engine::QuoteLiteral(SuiteOf(step)), engine::QuoteLiteral(run_id_)));
  return found && !found->rows.empty();
}

void LineageExport::DescribeSuite(const StepResult& step, const DbtGraph* graph, LineageEvent& event) const {
  const std::string table = TextOf(step.details, "table");
  if (table.empty()) return;
  const Json assertions = Assertions(SuiteOf(step), step.details.value("failed", Json::array()));
  const LineageDatasets datasets(sources_.engine, graph);
  event.inputs.push_back(datasets.Checked(table, assertions));
}

std::string LineageExport::FolderOf(const std::string& table) const {
  if (!sources_.data_dir.empty()) return sources_.data_dir;
  const auto sources = ingest::LoadSources(sources_.project.dir, sources_.project.sources);
  if (!sources) return {};
  const auto [schema, name] = SchemaAndTable(table);
  for (const ingest::Source& source : *sources) {
    const bool holds = std::ranges::any_of(source.tables, [&](const auto& one) { return one.name == name; });
    if (holds) return source.location;
  }
  return {};
}

void LineageExport::DescribeLoad(const StepResult& step, LineageEvent& event) const {
  const LineageDatasets datasets(sources_.engine, nullptr);
  event.inputs = datasets.LoadedFiles(step.name, run_id_, FolderOf(step.name));
  event.outputs.push_back(datasets.Output(step.name, step.rows_out));
  if (step.rows_quarantined > 0) {
    event.outputs.push_back(datasets.Output("quarantine." + SchemaAndTable(step.name).second, step.rows_quarantined));
  }
}

}  // namespace smelt::app
