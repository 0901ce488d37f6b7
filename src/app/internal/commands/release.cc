#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <iostream>

#include "app/internal/command.h"
#include "app/internal/print.h"
#include "app/internal/release_gate.h"
#include "app/internal/terminal/text.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/environment.h"
#include "engine/release.h"

namespace smelt::app {
namespace {

/// What the options of all `smelt release` commands set; each uses some of them.
struct ReleaseRequest {
  std::string from;
  std::vector<std::string> schemas;
  std::vector<std::string> tables;
  std::string force;   ///< the reason to promote what the gates refuse; empty: they hold
  std::string reason;  ///< of a rollback or end
  std::optional<std::int64_t> to;
  bool dry_run = false;
};

/// The lake that a word means: a target of `lakes` in smelt.yml, else an address.
Result<std::string> LakeNamed(const std::string& word, const std::optional<ProjectConfig>& project) {
  if (project) {
    const auto found = project->lakes.find(word);
    if (found != project->lakes.end()) return found->second;
  }
  const bool is_plain = word.find('/') == std::string::npos;
  std::error_code ignored;
  if (!is_plain || !project || project->lakes.empty() || std::filesystem::exists(word, ignored)) {
    return WithoutFileScheme(word);
  }
  std::vector<std::string_view> known;
  for (const auto& [target, lake] : project->lakes) known.push_back(target);
  return Fail(
      Error(ErrorCode::kUsage, fmt::format("'{}' is neither a target of `lakes` in smelt.yml nor a folder", word))
          .Hint(fmt::format("the targets are {}", fmt::join(known, ", "))));
}

/// The project if there is one, with the lake of the command chosen.
Result<std::optional<ProjectConfig>> PrepareRelease(CommandContext& context) {
  SMELT_ASSIGN(auto project, FindProject(context));
  if (!project) {
    std::error_code ignored;
    const auto file = std::filesystem::path(context.project_dir) / "smelt.yml";
    if (std::filesystem::exists(file, ignored)) {
      SMELT_ASSIGN(project, LoadProject(context.project_dir));
      Adopt(context, *project);
    }
  }
  if (!context.lake.empty()) {
    SMELT_ASSIGN(context.lake, LakeNamed(context.lake, project));
  }
  return project;
}

/// Who did it, for the record.
Json SignedNote(const std::string& reason) {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  Json note = {{"user", EnvironmentVariable("USER")}, {"host", host.data()}};
  if (!reason.empty()) note["reason"] = reason;
  return note;
}

Json ChangeToJson(const engine::ReleaseChange& change) {
  Json json = {{"name", change.name.Text()}, {"kind", change.is_view ? "view" : "table"}, {"change", change.change}};
  if (change.is_view || change.change == "gone") return json;
  json["version"] = change.version < 0 ? Json() : Json(change.version);
  json["source_version"] = change.source_version < 0 ? Json() : Json(change.source_version);
  json["files_added"] = change.files_added;
  json["files_removed"] = change.files_removed;
  json["bytes_added"] = change.bytes_added;
  if (change.log_is_ahead) json["log_is_ahead"] = true;
  return json;
}

Tone ToneOfChange(const std::string& change) {
  return change == "unchanged" ? Tone::kDim : change == "gone" ? Tone::kWarn : Tone::kGood;
}

void PrintChanges(const CommandContext& context, const std::vector<engine::ReleaseChange>& changes) {
  std::vector<ListEntry> entries;
  for (const engine::ReleaseChange& change : changes) {
    if (context.json) {
      PrintLine(ChangeToJson(change));
      continue;
    }
    if (change.change == "unchanged") continue;
    const bool has_files = !change.is_view && change.change != "gone";
    entries.push_back(
        {.cells = {change.name.Text(), change.change, change.version < 0 ? "" : fmt::to_string(change.version),
                   has_files ? fmt::format("+{} -{}", change.files_added, change.files_removed) : "",
                   has_files        ? FormatBytes(change.bytes_added)
                   : change.is_view ? "view"
                                    : ""},
         .tones = {Tone::kStrong, ToneOfChange(change.change)}});
    if (change.log_is_ahead) {
      entries.back().notes.push_back(
          {"takes appends only: its log keeps the later rows, readers of smelt do not see them", Tone::kWarn});
    }
  }
  PrintList({"table", "change", "version", "files", "new"}, entries);
}

/// The last line: what readers see from now on.
void PrintOutcome(const CommandContext& context, const engine::ReleaseReport& report, bool dry_run) {
  std::int64_t unchanged = 0;
  for (const engine::ReleaseChange& change : report.changes) unchanged += change.change == "unchanged" ? 1 : 0;
  const engine::Release& release = *report.release;
  if (context.json) {
    PrintLine({{"release", release.number},
               {"kind", engine::ReleaseKindText(release.kind)},
               {"published", report.published},
               {"source", release.source},
               {"restores", release.restores == 0 ? Json() : Json(release.restores)},
               {"tables", release.tables.size()},
               {"views", release.views.size()},
               {"unchanged", unchanged},
               {"files_linked", report.files_linked},
               {"files_copied", report.files_copied},
               {"bytes_copied", report.bytes_copied},
               {"note", release.note}});
    return;
  }
  std::string text;
  if (dry_run) {
    text = "a dry run: nothing was done";
  } else if (!report.published) {
    text =
        release.number == 0 ? "there is nothing to release" : fmt::format("release {} is up to date", release.number);
  } else if (release.kind == engine::ReleaseKind::kOff) {
    text = "releases have ended: every table is what its log says";
  } else {
    text = fmt::format("release {} is what readers of {} see: {} tables, {} views", release.number, context.lake,
                       release.tables.size(), release.views.size());
    if (release.restores > 0) text += fmt::format(", as in release {}", release.restores);
  }
  if (unchanged > 0) text += fmt::format(" ({} unchanged)", unchanged);
  std::cout << OneLine(text) << "\n";
}

Status CheckGates(const CommandContext& source, engine::Engine& engine, const std::optional<ProjectConfig>& project,
                  const ReleaseRequest& request, Json& note) {
  SMELT_ASSIGN(const state::StoreAddress address, StateAddress(source));
  const auto findings = JudgeLake(engine, address, project);
  if (!findings) {
    if (request.force.empty()) return Fail(Error(findings.error()).Context("the gates of " + source.lake));
    note["gates"] = {{"error", findings.error().message()}};
  } else {
    note["gates"] = findings->facts;
    note["gates"]["problems"] = findings->problems;
  }
  if (!request.force.empty()) note["forced"] = request.force;
  if (!findings || findings->problems.empty() || !request.force.empty()) return {};
  return Fail(
      Error(ErrorCode::kPipelineGate,
            fmt::format("{} is not fit to be promoted: {}", source.lake, fmt::join(findings->problems, "; ")))
          .Hint("run its pipelines until they succeed, or promote it in spite of that: --force \"the reason\""));
}

Result<int> PromoteLake(CommandContext& context, const ReleaseRequest& request) {
  SMELT_ASSIGN(const auto project, PrepareRelease(context));
  if (request.from.empty()) {
    return Fail(Error(ErrorCode::kUsage, "it is not said which lake is promoted")
                    .Hint("pass --from DIR, or --from TARGET for one of `lakes` in smelt.yml"));
  }
  CommandContext source = context;
  SMELT_ASSIGN(source.lake, LakeNamed(request.from, project));
  SMELT_ASSIGN(const auto from, OpenLake(source, engine::MissingLake::kRefuse));
  SMELT_ASSIGN(const auto into,
               OpenLake(context, request.dry_run ? engine::MissingLake::kAwaitWrite : engine::MissingLake::kMake));
  Json note = SignedNote("");
  const Status fit = CheckGates(source, *from, project, request, note);
  if (!fit && !request.dry_run) return Fail(fit.error());
  SMELT_ASSIGN(const engine::ReleaseReport report, engine::Releases(*into).Promote(*from, {.schemas = request.schemas,
                                                                                           .tables = request.tables,
                                                                                           .note = note,
                                                                                           .dry_run = request.dry_run,
                                                                                           .stop = context.stop}));
  PrintChanges(context, report.changes);
  PrintOutcome(context, report, request.dry_run);
  if (!fit) return Fail(fit.error());
  return 0;
}

Result<int> RollBackLake(CommandContext& context, const ReleaseRequest& request) {
  SMELT_TRY(PrepareRelease(context));
  SMELT_ASSIGN(const auto engine, OpenLake(context, engine::MissingLake::kRefuse));
  SMELT_ASSIGN(const engine::ReleaseReport report,
               engine::Releases(*engine).RollBack(request.to, SignedNote(request.reason)));
  PrintChanges(context, report.changes);
  PrintOutcome(context, report, false);
  return 0;
}

Result<int> EndReleases(CommandContext& context, const ReleaseRequest& request) {
  SMELT_TRY(PrepareRelease(context));
  SMELT_ASSIGN(const auto engine, OpenLake(context, engine::MissingLake::kRefuse));
  SMELT_ASSIGN(const engine::ReleaseReport report, engine::Releases(*engine).End(SignedNote(request.reason)));
  PrintOutcome(context, report, false);
  return 0;
}

Json ReleaseToJson(const engine::Release& release) {
  Json tables = Json::array();
  for (const auto& [name, table] : release.tables) {
    tables.push_back({{"table", name.Text()},
                      {"version", table.version},
                      {"source_version", table.source_version < 0 ? Json() : Json(table.source_version)}});
  }
  Json views = Json::array();
  for (const auto& [name, text] : release.views) views.push_back(name.Text());
  return {{"release", release.number},
          {"kind", engine::ReleaseKindText(release.kind)},
          {"created", FormatUtcMicros(release.created_us)},
          {"source", release.source},
          {"before", release.before == 0 ? Json() : Json(release.before)},
          {"restores", release.restores == 0 ? Json() : Json(release.restores)},
          {"tables", std::move(tables)},
          {"views", std::move(views)},
          {"note", release.note}};
}

Result<int> ListReleases(CommandContext& context) {
  SMELT_TRY(PrepareRelease(context));
  SMELT_ASSIGN(const auto engine, OpenLake(context, engine::MissingLake::kRefuse));
  SMELT_ASSIGN(const auto releases, engine::Releases(*engine).List());
  std::vector<ListEntry> entries;
  for (const engine::ReleasePtr& release : releases) {
    if (context.json) {
      PrintLine(ReleaseToJson(*release));
      continue;
    }
    std::string kind(engine::ReleaseKindText(release->kind));
    if (release->restores > 0) kind += fmt::format(" to {}", release->restores);
    constexpr std::size_t kSeconds = 19;
    std::string created = FormatUtcMicros(release->created_us).substr(0, kSeconds);
    created[10] = ' ';
    ListEntry entry{.cells = {fmt::to_string(release->number), kind, created, fmt::to_string(release->tables.size()),
                              release->note.value("user", std::string()), release->source},
                    .tones = {Tone::kStrong}};
    for (const char* key : {"forced", "reason"}) {
      const std::string text = release->note.value(key, std::string());
      if (!text.empty()) entry.notes.push_back({fmt::format("{}: {}", key, text), Tone::kDim});
    }
    entries.push_back(std::move(entry));
  }
  if (!context.json && entries.empty()) std::cout << "no releases: readers see every table as it is\n";
  PrintList({"release", "made by", "at (UTC)", "tables", "user", "source"}, entries);
  return 0;
}

using RequestPtr = std::shared_ptr<ReleaseRequest>;

/// One of the commands, with the options that all have.
CLI::App& AddOne(CLI::App& group, CommandContext& context, const RequestPtr& request, const char* name,
                 const char* about, const char* footer, Result<int> (*run)(CommandContext&, const ReleaseRequest&)) {
  auto* command = group.add_subcommand(name, about);
  command->footer(footer);
  AddProjectOption(*command, context);
  AddLakeOptions(*command, context);
  AddJsonOption(*command, context);
  command->callback(
      [&context, request, run] { context.action = [&context, request, run] { return run(context, *request); }; });
  return *command;
}

}  // namespace

void AddReleaseCommand(CLI::App& program, CommandContext& context) {
  auto request = std::make_shared<ReleaseRequest>();
  auto* group = program.add_subcommand("release", "Promote a lake into another, all tables at once, and roll back");
  group->require_subcommand(1);
  group->footer("Example: smelt release promote --from lakes/staging --lake lakes/prod");
  CLI::App& promote = AddOne(
      *group, context, request, "promote", "Make the tables and views of another lake the next release of this one",
      "Example: smelt release promote --from staging --lake prod --project-dir projects/physical\n"
      "Exits with 1 when the last runs or suites of the source say that it is not fit.",
      PromoteLake);
  promote.add_option("--from", request->from, "The lake that is promoted: an address, or a target of `lakes`")
      ->type_name("LAKE");
  promote.add_option("--schema", request->schemas, "Promote this schema only; may be repeated")->type_name("NAME");
  promote.add_option("--table", request->tables, "Promote this table or view only; may be repeated")
      ->type_name("SCHEMA.NAME");
  promote.add_option("--force", request->force, "Promote what the gates refuse, for a reason that is recorded")
      ->type_name("REASON");
  promote.add_flag("--dry-run", request->dry_run, "Show what would be done, and do nothing");
  CLI::App& back =
      AddOne(*group, context, request, "rollback", "Bring back the release before, or the one that --to names",
             "Example: smelt release rollback --lake lakes/prod --reason \"prices are wrong\"", RollBackLake);
  back.add_option("--to", request->to, "The number of the release to bring back")->type_name("N");
  back.add_option("--reason", request->reason, "Why, for the record")->type_name("TEXT");
  AddOne(*group, context, request, "list", "Show the releases of a lake, newest first",
         "Example: smelt release list --lake lakes/prod",
         [](CommandContext& named, const ReleaseRequest&) { return ListReleases(named); });
  CLI::App& off = AddOne(*group, context, request, "off", "End releases: tables may be written to again",
                         "Example: smelt release off --lake lakes/prod", EndReleases);
  off.add_option("--reason", request->reason, "Why, for the record")->type_name("TEXT");
}

}  // namespace smelt::app
