#include "transform/internal/run/node_run.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/clock.h"
#include "base/file.h"
#include "transform/internal/project/relation.h"
#include "transform/internal/run/sql_place.h"

namespace smelt::transform {

Status CompileNode(NodeRun& run, bool is_incremental) {
  CompileContext compiling = run.Compiling(is_incremental);
  compiling.places = &run.places;
  SMELT_ASSIGN(run.compiled, run.run.project.Compile(run.node, compiling));
  run.compiled_micros = NowMicros();
  // As in dbt, the queries of snapshots are no files.
  if (run.node.type != ResourceType::kSnapshot) {
    SMELT_TRY(WriteCompiled(run.run, run.node, "compiled", run.compiled, run.batch ? run.batch->name : ""));
  }
  if (run.node.type == ResourceType::kOperation) return {};
  // What follows a ';' would run beside the table that is made of the rest. Text that does not parse is left to the
  // statement that it becomes part of, whose error knows the line.
  const auto statements = run.session.Split(run.compiled);
  if (!statements || statements->size() == 1) return {};
  return Fail(Error(ErrorCode::kSqlSyntax,
                    statements->empty()
                        ? std::string("the file holds no statement")
                        : fmt::format("the file holds {} statements instead of one query", statements->size()))
                  .Hint("write one SELECT; other statements may be hooks: pre_hook, post_hook")
                  .At(run.node.file, run.node.line));
}

Error PlacedInFile(const NodeRun& run, const Error& error) {
  return PlaceInTemplate(run.node, run.compiled, run.places, error);
}

namespace {

/// Where the SQL of a node goes below the name of the properties file that defines it.
std::filesystem::path PathInFile(const Node& node) {
  if (node.type == ResourceType::kGenericTest || node.type == ResourceType::kOperation) return node.path;
  if (node.type != ResourceType::kUnitTest) return node.name + ".sql";
  const std::string version = node.version.empty() ? "" : "_v" + node.version;
  return std::filesystem::path(node.original_file).parent_path() / (node.name + version + ".sql");
}

}  // namespace

std::string CompiledPath(const RunContext& run, const Node& node, std::string_view kind, std::string_view batch) {
  namespace fs = std::filesystem;
  fs::path folder =
      run.options.target_dir.empty() ? fs::path(run.options.project_dir) / "target" : fs::path(run.options.target_dir);
  fs::path file = folder / kind / node.package / node.original_file;
  // Several nodes come out of one properties file.
  if (file.extension() != ".sql") file /= PathInFile(node);
  if (!batch.empty()) file = file.parent_path() / node.name / fmt::format("{}_{}.sql", node.name, batch);
  return file.lexically_normal().string();
}

Status WriteCompiled(const RunContext& run, const Node& node, std::string_view kind, const std::string& sql,
                     std::string_view batch) {
  if (sql.empty()) return {};  // as in dbt: a template that came to nothing is no file
  const std::string path = CompiledPath(run, node, kind, batch);
  const std::string text = sql + "\n";
  if (auto before = ReadWholeFile(path); before && *before == text) return {};
  return WriteWholeFile(path, text);
}

Result<bool> IsIncremental(const NodeRun& run) {
  const Node& node = run.node;
  if (node.config.materialized != "incremental") return false;
  if (node.config.full_refresh.value_or(run.run.options.full_refresh)) return false;
  SMELT_ASSIGN(auto kind, run.session.FindRelation(kDatabase, node.relation.schema, node.relation.identifier));
  return kind == engine::RelationKind::kTable;
}

}  // namespace smelt::transform
