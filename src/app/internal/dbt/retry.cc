#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iostream>
#include <map>
#include <span>

#include "app/internal/dbt/commands.h"
#include "base/clock.h"
#include "base/file.h"

namespace smelt::app {
namespace {

/// Flags that the earlier call does not decide: those of places, and what this call may say otherwise.
constexpr std::array<std::string_view, 10> kOwn = {"log_path",    "profiles_dir", "project_dir", "defer_state",
                                                   "target_path", "warn_error",   "quiet",       "log_format",
                                                   "log_level",   "use_colors"};
constexpr std::array<std::string_view, 2> kOverriding = {"vars", "threads"};
/// What means nothing for nodes that are named.
constexpr std::array<std::string_view, 3> kNotRecorded = {"show", "warn_error_options", "inline"};

/// The command that calls a macro: its one result is that of the macro, where hooks of other commands do not count.
constexpr std::string_view kOperation = "run-operation";

/// A command that retry can go on with.
struct Retryable {
  std::string_view name;  ///< as artefacts call it
  transform::Command command;
  Result<int> (*run)(DbtInvocation&);
};

constexpr std::array kRetryable = {
    Retryable{"build", transform::Command::kBuild, RunNodes},
    Retryable{"run", transform::Command::kRun, RunNodes},
    Retryable{"test", transform::Command::kTest, RunNodes},
    Retryable{"seed", transform::Command::kSeed, RunNodes},
    Retryable{"snapshot", transform::Command::kSnapshot, RunNodes},
    Retryable{"clone", transform::Command::kClone, RunNodes},
    Retryable{"compile", transform::Command::kCompile, RunCompile},
    Retryable{"generate", transform::Command::kDocsGenerate, RunDocs},
    Retryable{kOperation, transform::Command::kRunOperation, RunMacro},
};

bool Failed(const std::string& status, bool with_warnings) {
  return status == "error" || status == "fail" || status == "skipped" || status == "runtime error" ||
         status == "partial success" || (with_warnings && status == "warn");
}

/// What became of the batches of a microbatch model, where some are to be built again: with none built, the whole model
/// is.
bool HasBatchesLeft(const Json& result) {
  const auto batches = result.find("batch_results");
  if (batches == result.end() || !batches->is_object()) return false;
  const auto counts = [&](const char* key) {
    const auto list = batches->find(key);
    return list != batches->end() && list->is_array() && !list->empty();
  };
  return counts("successful") && counts("failed");
}

/// When the earlier run began, as far as that is told: microbatch models still end there.
std::int64_t BeginOf(const Json& run) {
  const Json& metadata = run.value("metadata", Json::object());
  for (const char* key : {"invocation_started_at", "generated_at"}) {
    const auto text = metadata.find(key);
    if (text == metadata.end() || !text->is_string()) continue;
    if (auto micros = ParseTimestampMicros(text->get<std::string>())) return *micros;
  }
  return 0;
}

Result<Json> ReadLastRun(const std::string& path) {
  auto text = ReadWholeFile(path);
  if (!text && text.error().code() == ErrorCode::kStoreNotFound) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("there is no run to go on with: '{}' is not there", path))
                    .Hint("retry goes on after build, run, test, seed, snapshot, clone, compile, docs generate or "
                          "run-operation"));
  }
  if (!text) return Fail(std::move(text.error()));
  SMELT_ASSIGN(Json results, ParseJson(*text, path));
  if (results.is_object() && results.contains("results") && results.contains("args")) return results;
  return Fail(ErrorCode::kConfigValueInvalid, fmt::format("'{}' does not hold the results of a run", path));
}

/// The unique ids of what did not succeed. Hooks count with `with_operations` only: they run with any node.
std::vector<std::string> FailedNodes(const Json& results, bool with_warnings, bool with_operations) {
  std::vector<std::string> ids;
  for (const Json& result : results) {
    const std::string id = result.value("unique_id", "");
    if (!with_operations && id.starts_with("operation.")) continue;
    if (Failed(result.value("status", ""), with_warnings)) ids.push_back(id);
  }
  return ids;
}

}  // namespace

Result<int> RunRetry(DbtInvocation& invocation) {
  namespace fs = std::filesystem;
  const transform::InvokeOptions& options = invocation.options;
  const std::string folder =
      options.state_dir.empty() ? options.target_dir : (fs::path(options.project_dir) / options.state_dir).string();
  SMELT_ASSIGN(const Json last, ReadLastRun((fs::path(folder) / "run_results.json").string()));
  const Json& args = last["args"];
  const auto* retryable = std::ranges::find(kRetryable, args.value("which", ""), &Retryable::name);
  if (retryable == kRetryable.end()) {
    return Fail(ErrorCode::kUsage, fmt::format("retry cannot go on with '{}'", args.value("which", "")));
  }
  const bool is_operation = retryable->name == kOperation;
  std::vector<std::string> ids = FailedNodes(last["results"], options.warn_error, is_operation);
  std::map<std::string, Json> batches;
  for (const Json& result : last["results"]) {
    if (Failed(result.value("status", ""), options.warn_error) && HasBatchesLeft(result))
      batches[result.value("unique_id", "")] = result["batch_results"];
  }
  if (ids.empty()) {
    if (!invocation.is_quiet && !invocation.context.json)
      std::cout << "Nothing to do: every node of the last run succeeded.\n";
    return 0;
  }
  DbtFlags flags;
  flags.Take(invocation.flags, kOwn);
  flags.Take(invocation.flags, kOverriding);
  std::vector<std::string_view> left_out(kOwn.begin(), kOwn.end());
  left_out.insert(left_out.end(), kNotRecorded.begin(), kNotRecorded.end());
  flags.AddRecorded(args, left_out);
  SMELT_ASSIGN(DbtInvocation again, Prepare(invocation.context, flags, retryable->command));
  if (is_operation) {
    again.argument = args.value("macro", "");
    return RunMacro(again);
  }
  again.options.only = std::move(ids);
  again.options.earlier_batches = std::move(batches);
  again.options.present_micros = BeginOf(last);
  again.options.full_refresh = again.options.full_refresh || options.full_refresh;
  return retryable->run(again);
}

}  // namespace smelt::app
