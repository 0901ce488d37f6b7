#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/session.h"
#include "transform/internal/project/project.h"

namespace smelt::transform {

/// What every node of one invocation shares. The references outlive it. Thread-safe: read only.
struct RunContext {
  engine::Engine& engine;
  const Project& project;
  const InvokeOptions& options;
  std::string run_id;
};

/// One node being run on one session.
struct NodeRun {
  const RunContext& run;
  engine::Session& session;
  const Node& node;
  engine::CommitNotes notes;         ///< recorded in the node's commit
  std::string compiled;              ///< the SQL that the node's template made, once it has been rendered
  std::int64_t compiled_micros = 0;  ///< when that was

  CompileContext Compiling(bool is_incremental) const { return {&session, is_incremental, run.run_id}; }
};

/// What a materialisation did.
struct Materialised {
  std::int64_t rows = -1;  ///< rows written or changed, -1 when that does not apply
  std::int64_t commits = 0;
};

/// Builds a model as its configuration says: table, view or incremental. One commit, or none when nothing changed.
/// Errors: kJinja…, kDbt…, kSql…, kDelta…, kStore….
Result<Materialised> BuildModel(NodeRun& run);

/// Brings a snapshot table (slowly changing dimension, type 2) up to date with its query: versions of rows that
/// changed are closed, new versions and new rows are added. One commit, or none when nothing changed.
Result<Materialised> BuildSnapshot(NodeRun& run);

/// Loads a seed's CSV file into its table.
Result<Materialised> LoadSeed(NodeRun& run);

/// What a data test found.
struct TestVerdict {
  std::int64_t failures = 0;
  bool error = false;  ///< beyond error_if, and severity is error
  bool warn = false;   ///< beyond warn_if, or beyond error_if with severity warn
};

/// Runs a data test: its query yields the failing rows.
Result<TestVerdict> RunTest(NodeRun& run);

/// Runs `body` as one transaction with the node's hooks around it, and again when another writer was first.
/// The node's notes go into the commit of its table.
Result<Materialised> InTransaction(NodeRun& run, bool is_incremental,
                                   const std::function<Result<std::int64_t>()>& body);

/// Renders the node's SQL into `run.compiled` and keeps a copy where people look for it.
/// Errors: kJinja…, kDbt…, kStore…; kSqlSyntax when it is not one statement.
Status CompileNode(NodeRun& run, bool is_incremental);

/// The line of the node's file that an error of the engine is about. The engine counts lines of a statement whose
/// second line is the first of the compiled SQL; templates may have changed their number. 0 when it is not certain.
std::int64_t LineInFile(const NodeRun& run, std::int64_t statement_line);

/// An error of the engine about the node's SQL, placed in the node's file.
Error PlacedInFile(const NodeRun& run, const Error& error);

/// Where the rendered SQL of a node is kept: <target_dir>/<kind>/<project>/<file of the node>.
std::string CompiledPath(const RunContext& run, const Node& node, std::string_view kind);

/// Keeps the rendered SQL there, where people look for it.
Status WriteCompiled(const RunContext& run, const Node& node, std::string_view kind, const std::string& sql);

/// The node's table or view as it is now; nothing when there is none.
struct ExistingRelation {
  bool is_view = false;
  std::vector<std::string> columns;
};
Result<std::optional<ExistingRelation>> FindExisting(const NodeRun& run);

/// "a, b, c", quoted where needed, each with `prefix` before it.
std::string ColumnList(const std::vector<std::string>& columns, std::string_view prefix = {});

}  // namespace smelt::transform
