#include "pipeline/tasks.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/file.h"
#include "base/http.h"
#include "base/process.h"
#include "base/retry.h"
#include "pipeline/watcher.h"

namespace smelt::pipeline {
namespace {

/// Of work outside of smelt that failed while it ran.
constexpr ErrorCode kCommandFailed = ErrorCode::kSqlRuntime;

std::optional<std::string> Text(const TaskContext& context, std::string_view key) {
  const auto node = context.with.Find(key);
  if (!node) return std::nullopt;
  auto text = node->AsString();
  return text ? std::optional(std::move(*text)) : std::nullopt;
}

Result<std::int64_t> Bytes(const TaskContext& context, std::string_view key, std::int64_t fallback) {
  const auto node = context.with.Find(key);
  if (!node) return fallback;
  SMELT_ASSIGN(const std::string text, node->AsString());
  if (const auto bytes = ParseByteCount(text)) return *bytes;
  return Fail(node->ErrorHere(ErrorCode::kConfigValueInvalid, fmt::format("'{}' is no number of bytes", text))
                  .Hint("write it as 512MiB or 2GB"));
}

std::string LogPath(const GeneralTaskOptions& options, const TaskContext& context) {
  if (options.log_dir.empty()) return {};
  return fmt::format("{}/{}/{}.{}.log", options.log_dir, context.run_id, context.task, context.attempt);
}

/// What a command learns of the run, and the file to which it may write what it found.
std::vector<std::string> Environment(const TaskContext& context, const std::string& output_path) {
  std::vector<std::string> environment = {"SMELT_RUN_ID=" + context.run_id, "SMELT_TASK=" + context.task,
                                          fmt::format("SMELT_ATTEMPT={}", context.attempt),
                                          "SMELT_VARS=" + JsonText(context.vars), "SMELT_OUTPUT=" + output_path};
  if (!context.item.is_null()) {
    const bool is_text = context.item.is_string();
    environment.push_back("SMELT_ITEM=" + (is_text ? context.item.get<std::string>() : JsonText(context.item)));
  }
  if (context.scheduled_us > 0) environment.push_back("SMELT_SCHEDULED_AT=" + FormatUtcMicros(context.scheduled_us));
  if (const auto own = context.with.Find("env")) {
    for (const std::string& name : own->keys()) {
      environment.push_back(fmt::format("{}={}", name, own->Find(name)->AsString().value_or("")));
    }
  }
  return environment;
}

Error CommandError(const TaskContext& context, const ProcessResult& result, const ProcessRequest& request) {
  std::string why = fmt::format("ended with exit code {}", result.exit_code);
  if (result.signal != 0) why = fmt::format("was ended by the signal {} ({})", result.signal, strsignal(result.signal));
  if (result.output_exceeded)
    why = fmt::format("wrote more than the {} bytes of 'output_max'", request.output_bytes_max);
  std::string last = result.tail;
  while (!last.empty() && (last.back() == '\n' || last.back() == '\r')) last.pop_back();
  last = last.substr(last.rfind('\n') + 1);
  Error error(kCommandFailed,
              fmt::format("the command of the task '{}' {}{}{}", context.task, why, last.empty() ? "" : ": ", last));
  if (request.log_path.empty()) return error;
  return std::move(error).Hint(fmt::format("its output is in {}", request.log_path));
}

/// A JSON value that a command left behind, or its text.
Json ReadOutput(const std::string& path) {
  const auto text = ReadWholeFile(path);
  if (!text || text->empty()) return {};
  Json value = JsonOrDiscarded(*text);
  if (!value.is_discarded()) return value;
  std::string plain = *text;
  while (!plain.empty() && plain.back() == '\n') plain.pop_back();
  return plain;
}

Result<TaskOutcome> RunCommand(const GeneralTaskOptions& options, const TaskContext& context,
                               std::vector<std::string> command) {
  ProcessRequest request;
  request.command = std::move(command);
  request.folder = options.project_dir;
  if (const auto dir = Text(context, "dir")) {
    request.folder = (std::filesystem::path(options.project_dir) / *dir).lexically_normal().string();
  }
  SMELT_ASSIGN(request.memory_bytes_max, Bytes(context, "memory", 0));
  constexpr std::int64_t kOutputMax = 100'000'000;
  SMELT_ASSIGN(request.output_bytes_max, Bytes(context, "output_max", kOutputMax));
  request.log_path = LogPath(options, context);
  request.stop = context.stop;
  const std::string output_path = (std::filesystem::temp_directory_path() /
                                   fmt::format("smelt-{}-{}-{}", context.run_id, context.task, context.attempt))
                                      .string();
  request.environment = Environment(context, output_path);
  auto result = RunProcess(request);
  const Json output = ReadOutput(output_path);
  std::error_code ignored;
  std::filesystem::remove(output_path, ignored);
  if (!result) return Fail(result.error());
  if (result->exit_code != 0) return Fail(CommandError(context, *result, request));
  TaskOutcome outcome;
  outcome.usage.cpu_seconds = result->cpu_seconds;
  outcome.details = {{"exit_code", 0},
                     {"cpu_seconds", result->cpu_seconds},
                     {"memory_bytes_peak", result->memory_bytes_peak},
                     {"output_bytes", result->output_bytes}};
  if (!request.log_path.empty()) outcome.details["log"] = request.log_path;
  if (!output.is_null()) outcome.details["output"] = output;
  return outcome;
}

Result<TaskOutcome> RunShell(const GeneralTaskOptions& options, const TaskContext& context) {
  return RunCommand(options, context, {"/bin/sh", "-c", Text(context, "command").value_or("")});
}

Result<TaskOutcome> RunPython(const GeneralTaskOptions& options, const TaskContext& context) {
  std::vector<std::string> command = {Text(context, "python").value_or("python3"), "-u",
                                      Text(context, "script").value_or("")};
  if (const auto arguments = context.with.Find("args")) {
    SMELT_ASSIGN(const std::vector<std::string> texts, arguments->AsStringList());
    command.insert(command.end(), texts.begin(), texts.end());
  }
  return RunCommand(options, context, std::move(command));
}

/// Whether a status is one that the task waits for: those of 'expect', or any 2xx.
Result<bool> IsExpected(const TaskContext& context, int status) {
  const auto expect = context.with.Find("expect");
  if (!expect) return status / 100 == 2;
  SMELT_ASSIGN(const std::vector<std::string> texts, expect->AsStringList());
  return std::ranges::find(texts, std::to_string(status)) != texts.end();
}

Result<TaskOutcome> CallHttp(HttpClient& client, const TaskContext& context) {
  HttpRequest request;
  request.method = Text(context, "method").value_or("GET");
  request.url = Text(context, "url").value_or("");
  const std::string body = Text(context, "body").value_or("");
  request.body = body;
  if (const auto headers = context.with.Find("headers")) {
    for (const std::string& name : headers->keys()) {
      SMELT_ASSIGN(std::string value, headers->Find(name)->AsString());
      request.headers.emplace_back(name, std::move(value));
    }
  }
  request.stop = context.stop;
  SMELT_ASSIGN(const HttpResponse response, client.Send(request));
  SMELT_ASSIGN(const bool expected, IsExpected(context, response.status));
  constexpr std::size_t kShown = 8'192;
  if (!expected) {
    const bool may_pass = response.status >= 500 || response.status == 429;
    return Fail(Error(may_pass ? ErrorCode::kHttpInterrupted : kCommandFailed,
                      fmt::format("{} {} answered with the status {}: {}", request.method, request.url, response.status,
                                  response.body.substr(0, 200)))
                    .Hint("if the status is right, name it under 'expect'"));
  }
  TaskOutcome outcome;
  outcome.details = {{"http_status", response.status}};
  Json value = JsonOrDiscarded(response.body);
  outcome.details["output"] =
      value.is_discarded() || response.body.size() > kShown ? Json(response.body.substr(0, kShown)) : std::move(value);
  return outcome;
}

Result<TaskOutcome> Wait(const TaskContext& context) {
  SMELT_ASSIGN(const std::int64_t wait_ms, context.with.Find("for")->AsDurationMs());
  if (!SleepFor(wait_ms, context.stop)) return Fail(ErrorCode::kCancelled, "the waiting was stopped");
  TaskOutcome outcome;
  outcome.status = StepStatus::kNothing;
  return outcome;
}

/// Waits for a person's word, asleep until the store signals something.
Result<TaskOutcome> AwaitApproval(state::ScheduleStore& store, const TaskContext& context) {
  SMELT_ASSIGN(Watcher watcher, Watcher::Make());
  SMELT_ASSIGN(const std::unique_ptr<state::Signals> signals, store.runs().Listen());
  watcher.Follow(signals->descriptor());
  const std::stop_callback wake(context.stop, [&watcher] { watcher.Poke(); });
  while (!context.stop.stop_requested()) {
    signals->Take();
    SMELT_ASSIGN(const auto approval, store.FindApproval(context.run_id, context.task));
    if (approval) {
      if (!approval->approved) {
        return Fail(Error(ErrorCode::kPipelineGate,
                          fmt::format("the task '{}' was rejected by {}{}{}", context.task, approval->by,
                                      approval->comment.empty() ? "" : ": ", approval->comment)));
      }
      TaskOutcome outcome;
      outcome.details = {{"approved_by", approval->by}, {"comment", approval->comment}};
      return outcome;
    }
    constexpr std::int64_t kLookAgainUs = 60'000'000;
    SMELT_TRY(watcher.Wait(NowMicros() + kLookAgainUs));
  }
  return Fail(ErrorCode::kCancelled, fmt::format("the task '{}' was not approved", context.task));
}

const std::vector<TaskSetting> kCommandSettings = {
    {"dir", SettingKind::kText, "the folder where it runs, relative to the project"},
    {"env", SettingKind::kMap, "variables of its environment"},
    {"memory", SettingKind::kText, "the most that each of its processes may use, as in 2GiB"},
    {"output_max", SettingKind::kText, "the most that it may write, as in 10MB"}};

std::vector<TaskSetting> WithCommandSettings(std::vector<TaskSetting> settings) {
  settings.insert(settings.end(), kCommandSettings.begin(), kCommandSettings.end());
  return settings;
}

}  // namespace

std::optional<std::int64_t> ParseByteCount(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number <= 0) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const auto& [name, bytes] : {std::pair<std::string_view, std::int64_t>{"", 1},
                                    {"B", 1},
                                    {"kB", 1'000},
                                    {"KB", 1'000},
                                    {"MB", 1'000'000},
                                    {"GB", 1'000'000'000},
                                    {"KiB", 1LL << 10},
                                    {"MiB", 1LL << 20},
                                    {"GiB", 1LL << 30}}) {
    if (unit == name && number <= std::numeric_limits<std::int64_t>::max() / bytes) return number * bytes;
  }
  return std::nullopt;
}

void RegisterGeneralTasks(TaskRegistry& registry, const GeneralTaskOptions& options) {
  registry.Add({"shell", "Run a command in a shell",
                WithCommandSettings({{"command", SettingKind::kText, "what to run", true}}),
                [options](const TaskContext& context) { return RunShell(options, context); }});
  registry.Add({"python", "Run a Python script",
                WithCommandSettings({{"script", SettingKind::kText, "the script's file", true},
                                     {"args", SettingKind::kTextList, "its arguments"},
                                     {"python", SettingKind::kText, "the interpreter; python3"}}),
                [options](const TaskContext& context) { return RunPython(options, context); }});
  registry.Add(
      {"http",
       "Call an HTTP service",
       {{"url", SettingKind::kText, "the address", true},
        {"method", SettingKind::kText, "GET when absent", false, {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"}},
        {"headers", SettingKind::kMap, "headers of the request"},
        {"body", SettingKind::kText, "what is sent"},
        {"expect", SettingKind::kTextList, "statuses that mean success; any 2xx when absent"}},
       [client = std::make_shared<HttpClient>()](const TaskContext& context) { return CallHttp(*client, context); }});
  registry.Add({"wait", "Let some time pass", {{"for", SettingKind::kDuration, "how long, as in 30s", true}}, Wait});
  if (options.store == nullptr) return;
  registry.Add({"approval",
                "Wait until a person approves with `smelt pipeline approve`",
                {{"message", SettingKind::kText, "what there is to decide"}},
                [store = options.store](const TaskContext& context) { return AwaitApproval(*store, context); }});
}

}  // namespace smelt::pipeline
