#include "app/internal/dbt/invocation.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "app/internal/dbt/profile_choice.h"
#include "app/internal/project.h"
#include "base/id.h"

namespace smelt::app {
namespace {

namespace fs = std::filesystem;

/// The dbt project of a smelt project, or the folder itself when it is a plain dbt project.
Result<std::string> DbtFolder(DbtInvocation& invocation, const std::string& dir) {
  auto project = LoadProject(dir);
  if (!project) {
    if (project.error().code() == ErrorCode::kStoreNotFound) return dir;
    return Fail(std::move(project.error()));
  }
  Adopt(invocation.context, *project);
  invocation.smelt_project = *project;
  return project->dbt;
}

/// How many nodes run side by side; 0: one per core.
Result<int> ChooseThreads(const DbtInvocation& invocation) {
  if (invocation.flags.On("single_threaded")) return 1;
  const auto threads = invocation.flags.Number("threads");
  if (!threads) return invocation.profile.threads;
  constexpr std::int64_t kThreadsMax = 1024;
  if (*threads < 0 || *threads > kThreadsMax) {
    return Fail(ErrorCode::kUsage, fmt::format("--threads: {} is not between 0 and {}", *threads, kThreadsMax));
  }
  return static_cast<int>(*threads);
}

/// Of `list --models`: it is --select for models only.
Status SelectModels(const DbtFlags& flags, transform::InvokeOptions& options) {
  if (!flags.Has("models")) return {};
  for (const char* other : {"select", "resource_types"}) {
    if (!flags.Has(other)) continue;
    return Fail(Error(ErrorCode::kUsage, "--models goes with neither --select nor --resource-type")
                    .Hint("write --select NODES --resource-type model"));
  }
  options.select = flags.List("models");
  options.resource_types = {"model"};
  return {};
}

Status FillSelection(const DbtFlags& flags, transform::InvokeOptions& options) {
  options.select = flags.List("select");
  options.exclude = flags.List("exclude");
  options.selector = flags.Text("selector");
  options.resource_types = flags.List("resource_types");
  options.exclude_resource_types = flags.List("exclude_resource_types");
  options.indirect_selection = flags.Text("indirect_selection");
  options.state_dir = flags.Text("state");
  options.defer_state_dir = flags.Text("defer_state");
  options.defer = flags.On("defer");
  options.favor_state = flags.On("favor_state");
  return SelectModels(flags, options);
}

Status FillOptions(DbtInvocation& invocation, const std::string& dir) {
  const DbtFlags& flags = invocation.flags;
  transform::InvokeOptions& options = invocation.options;
  options.project_dir = dir;
  options.command = invocation.command;
  SMELT_TRY(FillSelection(flags, options));
  options.full_refresh = flags.On("full_refresh");
  options.skip_unchanged = flags.On("skip_unchanged");
  options.fail_fast = flags.On("fail_fast");
  options.empty = flags.On("empty");
  options.store_failures = flags.On("store_failures");
  options.warn_error = flags.On("warn_error");
  SMELT_ASSIGN(const Json rules, flags.Map("warn_error_options"));
  SMELT_ASSIGN(options.warning_rules, transform::ReadWarningRules(rules));
  options.sample = flags.Text("sample");
  options.event_time_start = flags.Text("event_time_start");
  options.event_time_end = flags.Text("event_time_end");
  options.target = invocation.profile.target;
  options.invocation_id = NewUuid();
  options.write_artefacts = flags.On("write_json", true);
  options.flags = Json::object();
  for (const auto& [key, value] : flags.values()) options.flags[key] = value;
  options.flags["invocation_command"] = invocation.command_line;
  const std::string target_path = flags.Text("target_path");
  options.target_dir = (fs::path(dir) / (target_path.empty() ? invocation.project.target_path : target_path)).string();
  return {};
}

void ChooseDisplay(DbtInvocation& invocation) {
  const std::string level = invocation.flags.Text("log_level");
  const bool warns = level != "error" && level != "none" && !invocation.flags.On("quiet");
  invocation.is_quiet = !warns || level == "warn";
  invocation.logs_json = invocation.flags.Text("log_format") == "json";
  if (!invocation.flags.On("use_colors", true)) setenv("NO_COLOR", "1", 0);
  invocation.options.warn = [warns](const Error& warning) {
    if (warns) std::cerr << "warning " << warning.ToString() << "\n";
  };
}

Status ApplySettings(engine::Session& session, const transform::Profile& profile) {
  for (const auto& [name, value] : profile.settings) {
    if (name == "memory_limit" || name == "threads") continue;  // said when the engine was opened
    auto set =
        session.Execute(fmt::format("set global {} = {}", engine::QuoteIdentifier(name), engine::QuoteLiteral(value)));
    if (set) continue;
    return Fail(Error(ErrorCode::kConfigValueInvalid,
                      fmt::format("the engine refuses the setting {}: {}", name, set.error().message()))
                    .Hint("change it under settings, or leave it out")
                    .At(profile.file));
  }
  return {};
}

Status Attach(engine::Session& session, const DbtInvocation& invocation) {
  for (const transform::Attachment& attachment : invocation.profile.attachments) {
    std::string choices = attachment.read_only ? "read_only" : "";
    if (!attachment.type.empty()) choices += (choices.empty() ? "type " : ", type ") + attachment.type;
    const bool is_address = attachment.path.find(':') != std::string::npos;
    const std::string path =
        is_address ? attachment.path : (fs::path(invocation.options.project_dir) / attachment.path).string();
    auto attached = session.Execute(fmt::format("attach {} as {}{}", engine::QuoteLiteral(path),
                                                engine::QuoteIdentifier(attachment.alias),
                                                choices.empty() ? "" : fmt::format(" ({})", choices)));
    if (attached) continue;
    return Fail(Error(attached.error().code(), fmt::format("the profile's database '{}' cannot be attached: {}",
                                                           attachment.alias, attached.error().message()))
                    .At(invocation.profile.file));
  }
  return {};
}

/// --target chooses among the lakes of the project.
void ChooseLakeOfTarget(DbtInvocation& invocation) {
  if (!invocation.smelt_project) return;
  const auto& lakes = invocation.smelt_project->lakes;
  const auto found = lakes.find(invocation.profile.target.name);
  if (found != lakes.end()) invocation.context.lake = found->second;
}

}  // namespace

std::string FindProjectDir(const DbtFlags& flags) {
  if (const std::string named = flags.Text("project_dir"); !named.empty()) return named;
  std::error_code failure;
  const fs::path here = fs::current_path(failure);
  const auto holds = [&failure](const fs::path& folder) {
    return fs::exists(folder / "dbt_project.yml", failure) || fs::exists(folder / "smelt.yml", failure);
  };
  if (failure || holds(here)) return ".";
  for (fs::path folder = here; folder.has_relative_path(); folder = folder.parent_path()) {
    if (holds(folder)) return folder.string();
  }
  return ".";
}

Result<DbtInvocation> Prepare(CommandContext& context, DbtFlags& flags, transform::Command command) {
  DbtInvocation invocation{
      .context = context, .flags = flags, .project = {}, .profile = {}, .options = {}, .command_line = {}};
  invocation.command = command;
  invocation.command_line = context.command_line;
  SMELT_TRY(flags.AddEnvironment([](const char* name) -> const char* { return std::getenv(name); }));
  const bool lake_is_named = !context.lake.empty();
  SMELT_ASSIGN(std::string dir, DbtFolder(invocation, FindProjectDir(flags)));
  SMELT_ASSIGN(invocation.options.vars, flags.Map("vars"));
  SMELT_ASSIGN(invocation.project, transform::ReadProjectHead(dir, invocation.options.vars));
  SMELT_TRY(flags.AddProject(invocation.project.flags));
  if (flags.On("version_check", true)) SMELT_TRY(transform::CheckDbtVersion(invocation.project));
  SMELT_ASSIGN(invocation.profile, ChooseProfile(dir, invocation.project,
                                                 {.profiles_dir = flags.Text("profiles_dir"),
                                                  .profile = flags.Text("profile"),
                                                  .target = flags.Text("target"),
                                                  .may_be_missing = invocation.smelt_project.has_value()},
                                                 invocation.options.vars));
  if (!lake_is_named) ChooseLakeOfTarget(invocation);
  SMELT_TRY(FillOptions(invocation, dir));
  SMELT_ASSIGN(invocation.options.threads, ChooseThreads(invocation));
  if (flags.Number("threads")) context.threads = invocation.options.threads;
  ChooseDisplay(invocation);
  if (context.lake.empty())
    context.lake = (fs::path(invocation.options.target_dir) / "lake").lexically_normal().string();
  for (const auto& [name, value] : invocation.profile.settings) {
    if (name == "memory_limit" && context.memory_limit.empty()) context.memory_limit = value;
  }
  return invocation;
}

Result<std::unique_ptr<engine::Engine>> OpenEngine(DbtInvocation& invocation, engine::MissingLake missing) {
  SMELT_ASSIGN(auto engine, OpenLake(invocation.context, missing));
  const transform::Profile& profile = invocation.profile;
  if (profile.settings.empty() && profile.extensions.empty() && profile.attachments.empty()) return engine;
  SMELT_ASSIGN(auto session, engine->Connect());
  for (const std::string& extension : profile.extensions) {
    if (session->Execute("load " + engine::QuoteIdentifier(extension))) continue;
    invocation.profile.notes.push_back(
        fmt::format("the extension '{}' of the profile is not part of smelt: functions of it are missing", extension));
  }
  SMELT_TRY(ApplySettings(*session, profile));
  SMELT_TRY(Attach(*session, invocation));
  return engine;
}

std::function<void(std::string_view)> MacroPrinter(const CommandContext& context) {
  if (context.json) return [](std::string_view text) { PrintLine({{"print", text}}); };
  return [](std::string_view text) { std::cout << text << "\n" << std::flush; };
}

void PrintNotes(const DbtInvocation& invocation) {
  if (invocation.is_quiet || invocation.context.json || invocation.logs_json) return;
  if (invocation.profile.file.empty() && !invocation.smelt_project) {
    std::cerr << fmt::format("note: there is no profiles.yml; target '{}' writes to the schema '{}'\n",
                             invocation.options.target.name, invocation.options.target.schema);
  }
  for (const std::string& note : invocation.profile.notes) std::cerr << "note: " << note << "\n";
}

}  // namespace smelt::app
