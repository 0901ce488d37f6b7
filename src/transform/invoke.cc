#include "transform/invoke.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "base/parallel.h"
#include "transform/internal/artefacts/manifest_file.h"
#include "transform/internal/artefacts/run_results_file.h"
#include "transform/internal/project/project.h"
#include "transform/internal/project/warnings.h"
#include "transform/internal/run/build_mark.h"
#include "transform/internal/run/chosen_work.h"
#include "transform/internal/run/clone.h"
#include "transform/internal/run/compiled_texts.h"
#include "transform/internal/run/described_results.h"
#include "transform/internal/run/input_history.h"
#include "transform/internal/run/inputs.h"
#include "transform/internal/run/node_run.h"
#include "transform/internal/run/project_hooks.h"
#include "transform/internal/run/schedule.h"
#include "transform/internal/run/schemas.h"
#include "transform/internal/run/test_memory.h"
#include "transform/internal/run/turns.h"
#include "transform/internal/run/unit_test.h"

namespace smelt::transform {
namespace {

bool IsTest(const Node& node) {
  return IsDataTest(node.type);
}

bool IsEphemeral(const Node& node) {
  return node.config.materialized == "ephemeral";
}

std::string StepName(const Node& node) {
  if (node.type == ResourceType::kUnitTest) {
    const std::string version = node.version.empty() ? "" : "_v" + node.version;
    return fmt::format("{}::{}{}", node.unit_test["model"].get<std::string>(), node.name, version);
  }
  return IsTest(node) ? node.name : node.relation.Text();
}

/// The table that a test is about, "schema.table"; nothing for one on no table in particular.
std::optional<std::string> TestedTable(const Manifest& manifest, const Node& test) {
  if (!test.attached_to.empty()) return manifest.nodes.at(test.attached_to).relation.Text();
  if (test.type == ResourceType::kGenericTest && !test.source_inputs.empty()) return test.source_inputs[0].Text();
  return std::nullopt;
}

/// Runs the nodes of one invocation on several sessions.
class Runner {
 public:
  Runner(RunContext run, Schedule& schedule, RunObserver& observer, std::stop_token stop)
      : run_(std::move(run)),
        schedule_(schedule),
        observer_(observer),
        stop_(std::move(stop)),
        memory_(run_.engine.options().lake, run_.project.manifest().project_name) {}

  Status Run(int threads) {
    std::vector<std::unique_ptr<engine::Session>> sessions;
    for (int i = 0; i < threads; ++i) {
      SMELT_ASSIGN(auto session, run_.engine.Connect());
      session->ObserveStop(stop_);
      session->CountCpu();
      sessions.push_back(std::move(session));
    }
    std::stop_callback on_stop(stop_, [this] { Skip(schedule_.Stop(), "interrupted"); });
    {
      std::vector<std::jthread> workers;
      for (std::size_t i = 0; i < sessions.size(); ++i) {
        workers.emplace_back([this, &session = *sessions[i], i] { Work(session, static_cast<int>(i) + 1); });
      }
    }
    return memory_.Save();
  }

  std::vector<NodeResult> TakeResults() { return std::move(results_); }

 private:
  void Work(engine::Session& session, int thread) {
    while (auto id = schedule_.Next()) {
      const Node& node = run_.project.manifest().nodes.at(*id);
      if (IsEphemeral(node)) {
        Render(session, node);
        continue;
      }
      observer_.StepStarted(StepName(node), ResourceTypeText(node.type));
      double begin = MonotonicSeconds();
      const std::int64_t started = NowMicros();
      NodeResult result = RunNode(session, node);
      result.thread = thread;
      result.started_micros = started;
      result.finished_micros = NowMicros();
      result.unique_id = *id;
      result.step.name = StepName(node);
      result.step.kind = ResourceTypeText(node.type);
      result.step.seconds = MonotonicSeconds() - begin;
      result.step.usage = session.TakeUsage();
      bool failed = result.step.status == StepStatus::kFailed;
      observer_.StepFinished(result.step);
      {
        std::lock_guard guard(lock_);
        results_.push_back(std::move(result));
      }
      // Clones do not depend on each other.
      const bool blocks = failed && run_.options.command != Command::kClone;
      Skip(schedule_.Finish(*id, blocks), "because " + StepName(node) + " failed");
      if (failed && run_.options.fail_fast) Skip(schedule_.Stop(), "because of fail_fast");
    }
  }

  /// Makes the compiled file of an ephemeral model, which has no result. What is wrong with it is said of those whose
  /// SQL it becomes part of.
  void Render(engine::Session& session, const Node& node) {
    NodeRun run{run_, session, node, {}, {}, 0};
    (void)CompileNode(run, false);
    (void)session.TakeUsage();
    (void)schedule_.Finish(node.unique_id, false);
  }

  Status RunKind(NodeRun& run, NodeResult& result) {
    if (run.node.type == ResourceType::kUnitTest) return TestModel(run, result);
    if (IsTest(run.node)) return Test(run, result);
    return run_.options.command == Command::kClone ? Clone(run, result) : Build(run, result);
  }

  /// What fails for want of memory beside others is run again when they have ended.
  Status RunInTurn(NodeRun& run, NodeResult& result) {
    {
      const Turns::Turn turn = turns_.Together();
      Status status = RunKind(run, result);
      const bool is_short = !status && status.error().code() == ErrorCode::kSqlOutOfMemory;
      if (!is_short || !run.may_repeat || !turn.had_company() || stop_.stop_requested()) return status;
    }
    const Turns::Turn turn = turns_.Alone();
    Log(LogLevel::kInfo, "transform.node.alone", {{"node", run.node.unique_id}, {"reason", "out of memory"}});
    result = NodeResult();
    run.notes = {};
    run.mark = nullptr;
    return RunKind(run, result);
  }

  /// Errors become part of the result.
  NodeResult RunNode(engine::Session& session, const Node& node) {
    NodeResult result;
    NodeRun run{run_, session, node, {}, {}, 0};
    Status status = RunInTurn(run, result);
    if (!status) {
      result.step.status = StepStatus::kFailed;
      Error& error = status.error();
      bool of_file = !error.file().empty() && error.file() != "SQL";
      result.error = of_file ? std::move(error) : PlacedInFile(run, error);
      // Where the engine was at that moment says nothing.
      if (stop_.stop_requested() && result.error->code() == ErrorCode::kCancelled) {
        result.error = Error(ErrorCode::kCancelled, "interrupted");
      }
      result.step.message = result.error->ToString();
    }
    result.compiled_micros = run.compiled_micros;
    result.compiled = std::move(run.compiled);
    return result;
  }

  Status Build(NodeRun& run, NodeResult& result) {
    const Node& node = run.node;
    SMELT_ASSIGN(InputState inputs, ReadInputs(run_, node));
    result.step.rows_in = inputs.rows;
    std::optional<BuildMark> mark;
    if (node.config.materialized != "view") {
      SMELT_ASSIGN(mark, BuildMark::Read(run_, node, inputs));
      if (run_.options.skip_unchanged && node.config.skip_unchanged && mark->holds()) {
        result.step.status = StepStatus::kNothing;
        return {};
      }
      run.mark = &*mark;
    }
    run.notes.info = {{"node", node.unique_id},
                      {"run_id", run_.run_id},
                      {"inputs", inputs.versions},
                      {"definition", node.definition_hash}};
    SMELT_ASSIGN(Materialised done, BuildNode(run));
    result.commits = done.commits;
    result.rows_affected = done.rows;
    result.step.rows_out = std::max(done.rows, done.rows_written);
    if (!done.batches.is_null()) result.failures = 0;
    result.batches = std::move(done.batches);
    if (!done.warning.empty()) result.step.status = StepStatus::kWarned;
    result.step.message = std::move(done.warning);
    return done.failure ? Status(Fail(*std::move(done.failure))) : Status();
  }

  static Status TestModel(NodeRun& run, NodeResult& result) {
    SMELT_ASSIGN(UnitTestVerdict verdict, RunUnitTest(run));
    result.failures = verdict.difference.empty() ? 0 : 1;
    result.step.details["failures"] = result.failures;
    result.step.details["table"] = run.run.project.manifest().nodes.at(run.node.attached_to).relation.Text();
    if (verdict.difference.empty()) return {};
    result.step.status = StepStatus::kFailed;
    result.step.message = std::move(verdict.difference);
    return {};
  }

  static Status Clone(NodeRun& run, NodeResult& result) {
    SMELT_ASSIGN(Cloned cloned, CloneNode(run));
    result.commits = cloned.commits;
    if (cloned.message.empty()) return {};
    result.step.status = StepStatus::kNothing;
    result.step.message = std::move(cloned.message);
    return {};
  }

  Status Test(NodeRun& run, NodeResult& result) {
    const Node& node = run.node;
    if (auto table = TestedTable(run_.project.manifest(), node)) result.step.details["table"] = *table;
    SMELT_ASSIGN(InputState inputs, ReadInputs(run_, node));
    result.step.rows_in = inputs.rows;
    std::optional<TestVerdict> verdict;
    if (run_.options.skip_unchanged) verdict = memory_.Recall(node.unique_id, inputs.fingerprint);
    bool known = verdict.has_value();
    if (!known) {
      SMELT_ASSIGN(verdict, AskTest(run, inputs));
    }
    if (verdict->by_differences) result.step.details["scope"] = "differences";
    if (known || verdict->is_as_before) result.step.details["as_before"] = true;
    if (verdict->warn && FateOf(run_.options, "LogTestResult") == WarningFate::kFail) verdict->error = true;
    result.failures = verdict->failures;
    result.step.details["failures"] = verdict->failures;
    if (verdict->error || verdict->warn) {
      result.step.status = verdict->error ? StepStatus::kFailed : StepStatus::kWarned;
      std::string path = CompiledPath(run_, node, "compiled");
      result.step.message = fmt::format("{} failing row{}; the query is in {}", verdict->failures,
                                        verdict->failures == 1 ? "" : "s", path);
      result.step.details["query"] = std::move(path);
      if (!verdict->newest.empty()) result.step.details["newest"] = std::move(verdict->newest);
    } else {
      result.step.status = known ? StepStatus::kNothing : StepStatus::kDone;
    }
    return {};
  }

  /// Reads no more than what has become of the inputs since the test was asked last, where that is enough.
  Result<TestVerdict> AskTest(NodeRun& run, const InputState& inputs) {
    const bool uses_past = run_.options.skip_unchanged && !run_.options.full_refresh;
    const auto past = uses_past ? memory_.Past(run.node.unique_id) : std::nullopt;
    std::optional<bool> follows;  // known once the SQL is compiled, and then the same
    const auto follows_from_inputs = [&] {
      if (!follows) follows = FollowsFromInputs(run, inputs);
      return *follows;
    };
    const auto failures_now = [&]() -> std::optional<FailuresNow> {
      if (!past || !follows_from_inputs()) return std::nullopt;
      return history_.Failures(run, inputs, *past);
    };
    SMELT_ASSIGN(TestVerdict verdict, RunTest(run, failures_now));
    verdict.is_as_before = verdict.by_differences && verdict.failures == past->failures;
    if (!follows_from_inputs()) return verdict;
    memory_.Remember(run.node.unique_id, inputs.fingerprint, verdict, history_.Note(run.session, inputs));
    return verdict;
  }

  void Skip(const std::vector<std::string>& ids, const std::string& why) {
    for (const std::string& id : ids) {
      const Node& node = run_.project.manifest().nodes.at(id);
      if (IsEphemeral(node)) continue;
      NodeResult result;
      result.unique_id = id;
      result.step.name = StepName(node);
      result.step.kind = ResourceTypeText(node.type);
      result.step.status = StepStatus::kSkipped;
      result.step.message = why;
      observer_.StepFinished(result.step);
      std::lock_guard guard(lock_);
      results_.push_back(std::move(result));
    }
  }

  RunContext run_;
  Schedule& schedule_;
  RunObserver& observer_;
  std::stop_token stop_;
  TestMemory memory_;
  InputHistory history_;
  Turns turns_;
  std::mutex lock_;
  std::vector<NodeResult> results_;
};

}  // namespace

bool IsOfTypes(const InvokeOptions& options, std::string_view type) {
  const auto names = [type](const std::vector<std::string>& types) {
    return std::ranges::any_of(types, [type](const std::string& wanted) {
      return wanted == type || wanted == "all" || (wanted == "default" && type != "analysis");
    });
  };
  return (options.resource_types.empty() || names(options.resource_types)) && !names(options.exclude_resource_types);
}

std::string_view CommandText(Command command) {
  constexpr std::array<std::string_view, 13> kNames = {"build",     "run",           "test", "seed", "snapshot",
                                                       "compile",   "parse",         "list", "show", "generate",
                                                       "freshness", "run-operation", "clone"};
  return kNames.at(static_cast<std::size_t>(command));
}

Result<Command> ParseCommand(std::string_view text) {
  for (const Command command :
       {Command::kBuild, Command::kRun, Command::kTest, Command::kSeed, Command::kSnapshot, Command::kClone}) {
    if (text == CommandText(command)) return command;
  }
  return Fail(ErrorCode::kUsage, fmt::format("'{}' is none of build, run, test, seed, snapshot, clone", text));
}

Status RunResults::Outcome() const {
  if (interrupted) return Fail(ErrorCode::kCancelled, "the run was interrupted");
  std::int64_t failed_tests = 0;
  std::string first;
  for (const NodeResult& node : nodes) {
    if (node.error) return Fail(*node.error);
    if (node.step.status != StepStatus::kFailed) continue;
    if (failed_tests++ == 0) first = node.step.name;
  }
  if (failed_tests == 0) return {};
  return Fail(ErrorCode::kDbtTestFailed, failed_tests == 1
                                             ? fmt::format("the test {} failed", first)
                                             : fmt::format("{} tests failed, {} first", failed_tests, first));
}

namespace {

/// Artefacts tell of a run that ended in any way.
Status WriteArtefacts(const RunContext& run, const RunResults& results) {
  if (!run.options.write_artefacts) return {};
  SMELT_TRY(WriteManifest(run.project.state(), CompiledTextsOf(run, results.nodes)));
  return WriteRunResults(run.project.state(), results.nodes, results.seconds);
}

}  // namespace

Result<RunResults> Invoke(engine::Engine& engine, const InvokeOptions& options, RunObserver& observer,
                          std::stop_token stop) {
  double begin = MonotonicSeconds();
  SMELT_ASSIGN(auto project, Project::Load(options));
  SMELT_ASSIGN(const ChosenWork work, ChooseWork(*project, options));
  project->SetSelected(work.selected);
  project->HashDefinitions();
  SMELT_TRY(project->Defer(engine, work.nodes));
  const RunContext run{engine, *project, options, options.run_id.empty() ? NewRunId() : options.run_id};
  RunResults results;
  const bool has_work = !work.nodes.empty() || !work.selected.empty();
  SMELT_TRY(MakeSchemas(engine, project->manifest(), options, work.nodes));
  if (has_work) SMELT_TRY(RunProjectHooks(run, kOnRunStart, observer, stop, results.nodes));
  std::vector<std::string> scheduled = work.ephemeral;
  std::ranges::copy(work.nodes, std::back_inserter(scheduled));
  Schedule schedule(project->manifest(), scheduled, options.command == Command::kBuild);
  Runner runner(run, schedule, observer, stop);
  int cores = static_cast<int>(ProcessorCount());
  SMELT_TRY(runner.Run(options.threads > 0 ? options.threads : cores));
  for (NodeResult& node : runner.TakeResults()) results.nodes.push_back(std::move(node));
  if (!stop.stop_requested()) AddDescribedResults(run, work.described, observer, results.nodes);
  const bool runs_end_hooks = has_work && !stop.stop_requested();
  if (runs_end_hooks) SMELT_TRY(RunProjectHooks(run, kOnRunEnd, observer, stop, results.nodes));
  for (const NodeResult& node : results.nodes) results.commits += node.commits;
  results.seconds = MonotonicSeconds() - begin;
  SMELT_TRY(WriteArtefacts(run, results));
  results.interrupted = stop.stop_requested();
  return results;
}

}  // namespace smelt::transform
