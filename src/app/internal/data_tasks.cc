#include "app/internal/data_tasks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <ranges>
#include <utility>

#include "app/internal/contract_door.h"
#include "app/internal/contract_task.h"
#include "app/internal/dbt/profile_choice.h"
#include "app/internal/refresh_plan.h"
#include "app/internal/write_audit.h"
#include "base/clock.h"
#include "ingest/inputs.h"
#include "ingest/run.h"
#include "quality/validate.h"

namespace smelt::app {
namespace {

using pipeline::SettingKind;
using pipeline::TaskContext;
using pipeline::TaskOutcome;

Result<std::vector<std::string>> ListSetting(const TaskContext& context, std::string_view key) {
  auto node = context.with.Find(key);
  if (!node) return std::vector<std::string>();
  return node->AsStringList();
}

Result<std::string> TextSetting(const TaskContext& context, std::string_view key, std::string fallback) {
  if (context.with.is_null()) return fallback;
  return context.with.StringOr(key, std::move(fallback));
}

/// The worst of the steps, seen as the status of the whole.
StepStatus Summarise(const std::vector<StepResult>& steps) {
  bool warned = false, worked = false;
  for (const StepResult& step : steps) {
    if (step.status == StepStatus::kFailed) return StepStatus::kFailed;
    warned = warned || step.status == StepStatus::kWarned;
    worked = worked || step.status == StepStatus::kDone;
  }
  if (warned) return StepStatus::kWarned;
  return worked ? StepStatus::kDone : StepStatus::kNothing;
}

}  // namespace

namespace {

std::string FirstFew(const std::vector<std::string>& files) {
  constexpr std::size_t kShown = 3;
  return fmt::format("{}{}", fmt::join(files | std::views::take(kShown), ", "),
                     files.size() > kShown ? fmt::format(" and {} more", files.size() - kShown) : "");
}

}  // namespace

std::string DescribeUnclaimed(const std::vector<std::string>& files) {
  return fmt::format("left out, since no table of the sources claims {}: {}", files.size() == 1 ? "it" : "them",
                     FirstFew(files));
}

std::string DescribeWaiting(const std::vector<std::string>& files) {
  return fmt::format("left for the next run, since {} still being written: {}",
                     files.size() == 1 ? "it is" : "they are", FirstFew(files));
}

namespace {

ingest::IngestOptions IngestOptionsOf(const TaskServices& services, const TaskContext& context) {
  ingest::IngestOptions options;
  options.project_dir = services.project.dir;
  options.sources_folder = services.project.sources;
  options.sharpen = HoldToContracts(services.project);
  options.data_dir = services.data_dir;
  options.run_id = context.run_id;
  options.threads = services.threads;
  return options;
}

/// Checks that every required table of the sources has a file to read, or is in the lake already.
Result<TaskOutcome> CheckInputs(const TaskServices& services, const TaskContext& context) {
  ingest::IngestOptions options = IngestOptionsOf(services, context);
  SMELT_ASSIGN(options.sources, ListSetting(context, "source"));
  double begin = MonotonicSeconds();
  SMELT_ASSIGN(ingest::InputReport inputs, ingest::CheckInputs(services.engine, options, context.stop));
  StepResult step;
  step.name = "inputs";
  step.kind = "inputs";
  step.seconds = MonotonicSeconds() - begin;
  step.message = fmt::format("{} files, {:.1f} MB", inputs.files, static_cast<double>(inputs.bytes) / 1e6);
  if (!inputs.files_unclaimed.empty()) {
    step.status = StepStatus::kWarned;
    step.message += "; " + DescribeUnclaimed(inputs.files_unclaimed);
  }
  context.observer.StepStarted(step.name, step.kind);
  context.observer.StepFinished(step);
  TaskOutcome outcome;
  outcome.status = step.status;
  outcome.steps = {step};
  return outcome;
}

}  // namespace

Result<TaskOutcome> LoadNewFiles(const TaskServices& services, const TaskContext& context,
                                 const std::vector<std::string>& sources, const std::vector<std::string>& tables) {
  ingest::IngestOptions options = IngestOptionsOf(services, context);
  options.sources = sources;
  options.tables = tables;
  SMELT_ASSIGN(ingest::IngestReport report,
               ingest::RunIngest(services.engine, options, context.observer, context.stop));
  TaskOutcome outcome;
  outcome.status = Summarise(report.steps);
  outcome.rows_in = report.rows_in;
  outcome.rows_out = report.rows_out;
  outcome.rows_quarantined = report.rows_quarantined;
  outcome.commits = report.files_loaded + report.rows_released;
  outcome.steps = std::move(report.steps);
  outcome.details = {{"files_loaded", report.files_loaded},     {"files_known", report.files_known},
                     {"rows_duplicate", report.rows_duplicate}, {"rows_held", report.rows_held},
                     {"rows_released", report.rows_released},   {"files_refused", report.files_refused},
                     {"files_waiting", report.files_waiting}};
  return outcome;
}

namespace {

/// What has to find the rows good before they are committed; null: nothing.
Result<std::unique_ptr<ProjectAudit>> MakeAudit(const TaskServices& services, const TaskContext& context,
                                                bool skip_unchanged) {
  bool is_wanted = true;
  if (!context.with.is_null()) {
    SMELT_ASSIGN(is_wanted, context.with.BoolOr("audit", true));
  }
  if (!is_wanted) return nullptr;
  return ProjectAudit::Make(services.engine, services.project, context.vars, context.run_id, skip_unchanged);
}

}  // namespace

Result<TaskOutcome> BuildNodes(const TaskServices& services, const TaskContext& context,
                               transform::InvokeOptions options) {
  options.full_refresh = options.full_refresh || services.full_refresh;
  options.skip_unchanged = !options.full_refresh;
  options.project_dir = services.project.dbt;
  options.vars = context.vars;
  options.run_id = context.run_id;
  options.threads = services.threads;
  options.target_dir = services.target_dir;
  SMELT_ASSIGN(const std::string target, TextSetting(context, "target", ""));
  SMELT_ASSIGN(options.target, TargetOfTasks(services.project.dbt, target, context.vars));
  SMELT_ASSIGN(const auto audit, MakeAudit(services, context, options.skip_unchanged));
  options.audit = audit.get();
  SMELT_ASSIGN(auto results, transform::Invoke(services.engine, options, context.observer, context.stop));
  if (audit != nullptr) SMELT_TRY(audit->Store());
  if (results.interrupted) return Fail(results.Outcome().error());
  TaskOutcome outcome;
  for (transform::NodeResult& node : results.nodes) {
    if (node.error) return Fail(*node.error);
    outcome.steps.push_back(std::move(node.step));
  }
  outcome.status = Summarise(outcome.steps);
  outcome.commits = results.commits;
  return outcome;
}

namespace {

Result<TaskOutcome> Ingest(const TaskServices& services, const TaskContext& context) {
  SMELT_ASSIGN(const auto sources, ListSetting(context, "source"));
  SMELT_ASSIGN(const auto tables, ListSetting(context, "tables"));
  return LoadNewFiles(services, context, sources, tables);
}

Result<TaskOutcome> Build(const TaskServices& services, const TaskContext& context) {
  transform::InvokeOptions options;
  SMELT_ASSIGN(std::string command, TextSetting(context, "command", "build"));
  SMELT_ASSIGN(options.command, transform::ParseCommand(command));
  SMELT_ASSIGN(options.select, ListSetting(context, "select"));
  SMELT_ASSIGN(options.exclude, ListSetting(context, "exclude"));
  if (!context.with.is_null()) {
    SMELT_ASSIGN(options.full_refresh, context.with.BoolOr("full_refresh", false));
  }
  return BuildNodes(services, context, std::move(options));
}

/// The suites that a task names, by suite name or file; all of the folder when it names none.
Result<std::vector<quality::Suite>> ChooseSuites(const TaskServices& services, const TaskContext& context) {
  SMELT_ASSIGN(auto names, ListSetting(context, "suites"));
  SMELT_ASSIGN(auto suites, quality::LoadSuites(services.project.suites));
  if (names.empty()) return suites;
  std::vector<quality::Suite> chosen;
  for (const std::string& name : names) {
    // "*_bronze": every suite whose name ends so.
    bool any = false;
    for (const quality::Suite& suite : suites) {
      bool matches = name.starts_with('*') ? suite.name.ends_with(name.substr(1)) : suite.name == name;
      if (!matches) continue;
      any = true;
      chosen.push_back(suite);
    }
    if (!any) {
      return Fail(context.with.ErrorHere(ErrorCode::kConfigValueInvalid,
                                         fmt::format("there is no suite '{}' in {}", name, services.project.suites)));
    }
  }
  return chosen;
}

Result<TaskOutcome> Validate(const TaskServices& services, const TaskContext& context) {
  SMELT_ASSIGN(auto suites, ChooseSuites(services, context));
  quality::ValidateAllOptions options;
  options.run_id = context.run_id;
  options.variables = context.vars;
  SMELT_ASSIGN(auto report, quality::ValidateAll(services.engine, suites, options, context.observer, context.stop));
  TaskOutcome outcome;
  bool stored = false;
  for (const quality::SuiteOutcome& suite : report.suites) {
    if (suite.error) return Fail(*suite.error);
    outcome.steps.push_back(suite.step);
    stored = stored || suite.stored;
  }
  outcome.status = Summarise(outcome.steps);
  outcome.commits = stored ? 1 : 0;
  return outcome;
}

/// Loads the new files of the sources that the tables come from, and builds what leads to the tables.
Result<TaskOutcome> Refresh(const TaskServices& services, const TaskContext& context) {
  const std::int64_t begun_us = NowMicros();
  SMELT_ASSIGN(const ConfigNode tables, context.with.Require("tables"));
  SMELT_ASSIGN(const RefreshPlan plan, PlanRefresh(services.project, tables, context.vars));
  TaskOutcome outcome;
  outcome.status = StepStatus::kNothing;
  if (!plan.loads.empty()) {
    SMELT_ASSIGN(outcome, LoadNewFiles(services, context, {}, plan.loads));
  }
  if (outcome.status != StepStatus::kFailed && !plan.selectors.empty()) {
    transform::InvokeOptions options;
    options.select = plan.selectors;
    SMELT_ASSIGN(TaskOutcome built, BuildNodes(services, context, std::move(options)));
    std::ranges::move(built.steps, std::back_inserter(outcome.steps));
    outcome.status = Summarise(outcome.steps);
    outcome.commits += built.commits;
  }
  outcome.details["as_of"] = FormatUtcMicros(begun_us);
  if (const auto age = context.with.Find("fresher_than")) {
    SMELT_ASSIGN(const std::int64_t age_ms, age->AsDurationMs());
    outcome.details["fresh_until"] = FormatUtcMicros(begun_us + age_ms * 1000);
  }
  return outcome;
}

}  // namespace

void RegisterDataTasks(pipeline::TaskRegistry& registry, const TaskServices& services) {
  auto bind = [services](Result<TaskOutcome> (*run)(const TaskServices&, const TaskContext&)) {
    return [services, run](const TaskContext& context) { return run(services, context); };
  };
  registry.Add({"inputs",
                "Check that the files of the sources are there",
                {{"source", SettingKind::kTextList, "names of sources; all when absent"}},
                bind(CheckInputs)});
  registry.Add({"ingest",
                "Load new files into bronze",
                {{"source", SettingKind::kTextList, "names of sources; all when absent"},
                 {"tables", SettingKind::kTextList, "tables of the sources; all when absent"}},
                bind(Ingest)});
  registry.Add(
      {"build",
       "Run models, snapshots, seeds and tests of the dbt project",
       {{"command", SettingKind::kText, "what to run", false, {"build", "run", "test", "snapshot", "seed"}},
        {"select", SettingKind::kTextList, "dbt's node selection"},
        {"exclude", SettingKind::kTextList, "nodes to leave out"},
        {"target", SettingKind::kText, "the output of the dbt profile; DBT_TARGET or the profile's own when absent"},
        {"audit", SettingKind::kBoolean, "commit only what the suites find good; true when absent"},
        {"full_refresh", SettingKind::kBoolean, "build incremental models anew"}},
       bind(Build)});
  registry.Add({"validate",
                "Check expectation suites",
                {{"suites", SettingKind::kTextList, "names of suites, or *_ending; all when absent"}},
                bind(Validate)});
  RegisterContractTask(registry, services);
  registry.Add({"refresh",
                "Bring tables up to date: load the new files of their sources, build what leads to them",
                {{"tables", SettingKind::kTextList, "schema.table, of models or of sources", true},
                 {"fresher_than", SettingKind::kDuration, "how old they may become until the next time"}},
                bind(Refresh)});
}

}  // namespace smelt::app
