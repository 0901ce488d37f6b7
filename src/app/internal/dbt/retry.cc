#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <iostream>

#include "app/internal/dbt/commands.h"
#include "base/file.h"

namespace smelt::app {
namespace {

/// Flags of the earlier call that also hold for the new one.
constexpr std::array<std::string_view, 12> kKept = {"select",         "exclude",        "selector",   "resource_types",
                                                    "full_refresh",   "fail_fast",      "threads",    "vars",
                                                    "store_failures", "skip_unchanged", "warn_error", "target"};

bool Failed(const std::string& status) {
  return status == "error" || status == "fail" || status == "skipped" || status == "runtime error" ||
         status == "partial success";
}

Result<Json> ReadLastRun(const std::string& path) {
  auto text = ReadWholeFile(path);
  if (!text && text.error().code() == ErrorCode::kStoreNotFound) {
    return Fail(Error(ErrorCode::kUsage, fmt::format("there is no run to go on with: '{}' is not there", path))
                    .Hint("retry goes on after build, run, test, seed or snapshot"));
  }
  if (!text) return Fail(std::move(text.error()));
  SMELT_ASSIGN(Json results, ParseJson(*text, path));
  if (results.is_object() && results.contains("results") && results.contains("args")) return results;
  return Fail(ErrorCode::kConfigValueInvalid, fmt::format("'{}' does not hold the results of a run", path));
}

}  // namespace

Result<int> RunRetry(DbtInvocation& invocation) {
  transform::InvokeOptions& options = invocation.options;
  SMELT_ASSIGN(Json last, ReadLastRun((std::filesystem::path(options.target_dir) / "run_results.json").string()));
  const Json& args = last["args"];
  SMELT_ASSIGN(invocation.command, transform::ParseCommand(args.value("which", "")));
  options.command = invocation.command;
  for (const Json& result : last["results"]) {
    if (Failed(result.value("status", ""))) options.only.push_back(result.value("unique_id", ""));
  }
  if (options.only.empty()) {
    if (!invocation.is_quiet) std::cout << "Nothing to do: every node of the last run succeeded.\n";
    return 0;
  }
  for (const std::string_view key : kKept) {
    if (args.contains(key) && !invocation.flags.Has(key)) options.flags[std::string(key)] = args[key];
  }
  const auto texts = [&](const char* key) {
    return args.contains(key) && args[key].is_array() ? args[key].get<std::vector<std::string>>()
                                                      : std::vector<std::string>();
  };
  options.select = texts("select");
  options.exclude = texts("exclude");
  options.full_refresh = options.full_refresh || args.value("full_refresh", false);
  if (options.vars.empty() && args.contains("vars") && args["vars"].is_object()) options.vars = args["vars"];
  return RunNodes(invocation);
}

}  // namespace smelt::app
