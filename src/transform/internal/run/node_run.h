#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/session.h"
#include "transform/internal/project/project.h"
#include "transform/internal/run/microbatch.h"

namespace smelt::transform {

/// What every node of one invocation shares. The references outlive it. Thread-safe: read only.
struct RunContext {
  engine::Engine& engine;
  const Project& project;
  const InvokeOptions& options;
  std::string run_id;
};

class BuildMark;

/// One node being run on one session.
struct NodeRun {
  const RunContext& run;
  engine::Session& session;
  const Node& node;
  engine::CommitNotes notes;         ///< recorded in the node's commit
  std::string compiled;              ///< the SQL that the node's template made, once it has been rendered
  std::int64_t compiled_micros = 0;  ///< when that was
  jinja::SourceMap places = {};      ///< of `compiled`
  std::optional<Batch> batch = {};   ///< of a microbatch model: the one that is built
  const BuildMark* mark = nullptr;   ///< to be left in the node's commit; nullptr: none
  bool may_repeat = true;            ///< when it failed: nothing was made lasting

  CompileContext Compiling(bool is_incremental) const {
    CompileContext context{&session, is_incremental, run.run_id};
    if (batch) context.batch = batch->window;
    return context;
  }
};

/// What a materialisation did.
struct Materialised {
  std::int64_t rows = -1;          ///< that the main statement changed; -1: it did not say
  std::int64_t rows_written = -1;  ///< in files that are new, when the statement did not say; -1: none
  std::int64_t commits = 0;
  Json batches;  ///< of a microbatch model: {"successful": [[start, end], …], "failed": […]}; null: it is none
  std::string warning;           ///< of the audit; empty: none
  std::optional<Error> failure;  ///< why batches of a microbatch model failed
};

/// Builds a model, snapshot or seed by the macro of its materialization, in one transaction that is tried again when
/// another writer was first. The node's notes go into the commit of its table. A microbatch model is built batch by
/// batch; of those that fail tells the result. Errors: kJinja…, kDbt…, kSql…, kDelta…, kStore….
Result<Materialised> BuildNode(NodeRun& run);

/// The rows of a seed's CSV file as a FROM clause: with the types that dbt finds for its columns, or those that the
/// setting column_types names. Errors: kStore…, kSql… for a file that cannot be read.
Result<std::string> SeedRows(NodeRun& run);

/// What a data test found.
struct TestVerdict {
  std::int64_t failures = 0;
  bool error = false;           ///< beyond error_if, and severity is error
  bool warn = false;            ///< beyond warn_if, or beyond error_if with severity warn
  bool is_as_before = false;    ///< by differences, and the same
  bool by_differences = false;  ///< known from what it found before and what its inputs have become since
  std::string newest = {};      ///< a query of the failing rows that were not there before; empty: not known
};

struct FailuresNow;

/// Runs a data test: its query yields the failing rows. `failures_now` is asked once the SQL is compiled; if it knows
/// how many rows the query yields, an ordinary test is not asked itself.
Result<TestVerdict> RunTest(NodeRun& run, const std::function<std::optional<FailuresNow>()>& failures_now = nullptr);

/// Renders the node's SQL into `run.compiled` and keeps a copy where people look for it.
/// Errors: kJinja…, kDbt…, kStore…; kSqlSyntax when it is not one statement.
Status CompileNode(NodeRun& run, bool is_incremental);

/// An error of the engine about the node's SQL, placed in the template that made it.
Error PlacedInFile(const NodeRun& run, const Error& error);

/// Where the rendered SQL of a node is kept: <target_dir>/<kind>/<project>/<file of the node>; of a batch, in a folder
/// of the node's name.
std::string CompiledPath(const RunContext& run, const Node& node, std::string_view kind, std::string_view batch = {});

/// Keeps the rendered SQL there, where people look for it.
Status WriteCompiled(const RunContext& run, const Node& node, std::string_view kind, const std::string& sql,
                     std::string_view batch = {});

/// Whether the node's table exists and is to be added to: what is_incremental() answers.
/// Errors: those of the session.
Result<bool> IsIncremental(const NodeRun& run);

}  // namespace smelt::transform
