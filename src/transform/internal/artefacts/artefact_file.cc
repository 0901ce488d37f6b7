#include "transform/internal/artefacts/artefact_file.h"

#include <fmt/format.h>

#include <unistd.h>
#include <cstdlib>
#include <filesystem>

#include "base/clock.h"
#include "base/file.h"
#include "transform/internal/project/relation.h"

namespace smelt::transform {
namespace {

constexpr std::string_view kLineageKey = "smelt_column_lineage";

/// What the user wants to find in every artefact: variables DBT_ENV_CUSTOM_ENV_<name>, as dbt has it. It is also the
/// one place where dbt's schemas leave room for a word of ours: which file beside the artefact has the lineage of
/// columns.
void WriteEnvironment(const std::filesystem::path& folder, JsonWriter& json) {
  constexpr std::string_view kPrefix = "DBT_ENV_CUSTOM_ENV_";
  json.Key("env").BeginObject();
  std::error_code unknown;
  if (std::filesystem::exists(folder / kLineageFile, unknown)) json.Key(kLineageKey).Text(kLineageFile);
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable = *entry;
    const std::size_t equals = variable.find('=');
    if (!variable.starts_with(kPrefix) || equals == std::string_view::npos) continue;
    json.Key(variable.substr(kPrefix.size(), equals - kPrefix.size())).Text(variable.substr(equals + 1));
  }
  json.EndObject();
}

std::string Quoted(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

}  // namespace

void BeginArtefact(const ProjectState& project, std::string_view schema, JsonWriter& json) {
  json.BeginObject();
  json.Key("metadata").BeginObject();
  json.Key("dbt_schema_version").Text(fmt::format("https://schemas.getdbt.com/dbt/{}.json", schema));
  json.Key("dbt_version").Text(kDbtVersion);
  json.Key("generated_at").Text(ArtefactTime(NowMicros()));
  json.Key("invocation_id").TextOrNull(project.options.invocation_id);
  json.Key("invocation_started_at").Text(ArtefactTime(project.started_micros));
  WriteEnvironment(TargetFolder(project.options, project), json);
}

std::string TargetFolder(const InvokeOptions& options, const ProjectState& project) {
  if (!options.target_dir.empty()) return options.target_dir;
  return (std::filesystem::path(options.project_dir) / project.file().target_path).string();
}

Status WriteArtefact(const ProjectState& project, std::string_view file, const JsonWriter& json) {
  const std::filesystem::path folder = TargetFolder(project.options, project);
  return WriteWholeFile((folder / file).string(), json.text());
}

Result<FileWriter> CreateArtefact(const ProjectState& project, std::string_view file) {
  return FileWriter::Create((std::filesystem::path(TargetFolder(project.options, project)) / file).string());
}

std::string PathInFolder(const ProjectState& project, std::string_view package, const std::string& file) {
  for (const std::string& folder : project.PackageOf(package).file.model_paths) {
    if (file.starts_with(folder + "/")) return file.substr(folder.size() + 1);
  }
  return file;
}

std::string ArtefactTime(std::int64_t micros) {
  return FormatUtcMicros(micros);
}

std::string ArtefactRelation(const RelationName& relation) {
  return fmt::format("{}.{}.{}", Quoted(kDatabase), Quoted(relation.schema), Quoted(relation.identifier));
}

}  // namespace smelt::transform
