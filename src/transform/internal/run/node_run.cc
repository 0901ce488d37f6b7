#include "transform/internal/run/node_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/clock.h"
#include "base/file.h"
#include "transform/internal/project/relation.h"

namespace smelt::transform {
namespace {

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (true) {
    std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.remove_suffix(1);
    lines.push_back(line);
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

Status CompileNode(NodeRun& run, bool is_incremental) {
  SMELT_ASSIGN(run.compiled, run.run.project.Compile(run.node, run.Compiling(is_incremental)));
  run.compiled_micros = NowMicros();
  // As in dbt, the queries of snapshots are no files.
  if (run.node.type != ResourceType::kSnapshot) SMELT_TRY(WriteCompiled(run.run, run.node, "compiled", run.compiled));
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
  const std::int64_t line = error.file() == "SQL" ? LineInFile(run, error.line()) : 0;
  std::string message = error.message();
  // The engine's picture of the place counts lines as the engine does.
  const std::string shown = fmt::format("\nLINE {}:", error.line());
  if (const std::size_t at = message.find(shown); line > 0 && at != std::string::npos) {
    message.replace(at, shown.size(), fmt::format("\nLINE {}:", line));
  }
  return Error(error.code(), std::move(message)).Hint(error.hint()).At(run.node.file, line);
}

std::int64_t LineInFile(const NodeRun& run, std::int64_t statement_line) {
  if (!run.node.sql) return 0;
  auto compiled = Lines(run.compiled);
  auto index = static_cast<std::size_t>(statement_line) - 2;
  if (statement_line < 2 || index >= compiled.size()) return 0;
  auto source = Lines(run.node.sql->source);
  auto first = std::ranges::find(source, compiled[index]);
  bool unique = first != source.end() && std::find(first + 1, source.end(), compiled[index]) == source.end();
  if (unique) return first - source.begin() + 1;
  bool line_by_line = source.size() == compiled.size();
  return line_by_line ? static_cast<std::int64_t>(index) + 1 : 0;
}

std::string CompiledPath(const RunContext& run, const Node& node, std::string_view kind) {
  namespace fs = std::filesystem;
  fs::path folder =
      run.options.target_dir.empty() ? fs::path(run.options.project_dir) / "target" : fs::path(run.options.target_dir);
  fs::path file = folder / kind / node.package / node.original_file;
  // Several nodes come out of one properties file.
  if (file.extension() != ".sql") file /= node.type == ResourceType::kGenericTest ? node.path : node.name + ".sql";
  return file.lexically_normal().string();
}

Status WriteCompiled(const RunContext& run, const Node& node, std::string_view kind, const std::string& sql) {
  const std::string path = CompiledPath(run, node, kind);
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
