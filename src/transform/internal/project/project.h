#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/session.h"
#include "transform/internal/jinja/source_map.h"
#include "transform/internal/project/event_time.h"
#include "transform/internal/project/manifest.h"
#include "transform/invoke.h"

namespace smelt::transform {

struct ProjectState;

/// What rendering a node's SQL needs to know of the run.
struct CompileContext {
  engine::Session* session = nullptr;  ///< for statements and adapter calls; null: execute is false
  bool is_incremental = false;         ///< what is_incremental() answers
  std::string run_id;
  /// The batch of a microbatch model: what has an event_time is read within it only.
  std::optional<EventTimeWindow> batch = {};
  jinja::SourceMap* places = nullptr;  ///< takes where the parts of the SQL come from; null: not wanted
};

/// What the macro that materializes a node needs to know.
struct MaterializeContext {
  CompileContext compile;
  std::string sql;                            ///< what the node's template has become
  std::function<Status()> on_begin;           ///< called when a transaction has begun, which goes on if it succeeds
  std::function<Status()> before_commit;      ///< called before a transaction is committed; a failure rolls it back
  Json batch;                                 ///< of a microbatch: what `model.batch` is; null: none
  std::map<std::string, std::string> values;  ///< further names for its templates
  bool adds_to_own_table = false;             ///< the table is of this run: should_full_refresh() is false
  bool* may_repeat = nullptr;                 ///< set on failure: nothing was made lasting
};

/// What a materialization did.
struct Materialization {
  std::int64_t rows_affected = -1;     ///< by the statement called 'main'; -1: it did not say
  std::vector<std::string> first_row;  ///< that this statement answered with; empty: no rows
  std::string written;                 ///< the SQL that it gave to write()
};

/// A loaded project: its manifest, and the means to render its SQL. Immutable; Compile may be called from several
/// threads at once, each with a session of its own.
class Project {
 public:
  /// Reads dbt_project.yml, macros, models, snapshots, seeds, tests and their properties; renders everything once with
  /// execute = false to find the dependencies; checks names, references and cycles.
  /// Errors, with file and line: kDbtProjectMissing, kConfig…, kJinja…, kDbtConfigInvalid, kDbtVarMissing,
  /// kDbtRefMissing (a ref or source that is not there or disabled, with the nearest name), kDbtCycle (with the cycle),
  /// kDbtDuplicate, kDbtUnsupported.
  static Result<std::unique_ptr<Project>> Load(const InvokeOptions& options);
  ~Project();

  const Manifest& manifest() const;
  /// Everything that is known of it.
  const ProjectState& state() const;
  /// What looks wrong in the project's files but does no harm.
  const std::vector<Error>& warnings() const;

  /// Unique ids of the nodes that dbt's selection picks, in manifest order: what SelectMembers (selection.h) picks
  /// without sources and what is only described, and without models whose files are empty. Errors: as SelectMembers.
  Result<std::vector<std::string>> Select(const std::vector<std::string>& select,
                                          const std::vector<std::string>& exclude) const;

  /// Computes every node's `definition_hash`, which is empty before.
  void HashDefinitions();

  /// Those of `picked` that are nodes, in manifest order, without models whose files are empty.
  std::vector<std::string> NodesAmong(const std::vector<std::string>& picked) const;

  /// Says which nodes the invocation is about, for `selected_resources`. Before anything is compiled.
  void SetSelected(const std::vector<std::string>& ids);

  /// Unique ids of the source tables that the selection picks, in their order; empty `select` is all of them.
  /// Errors: as Select.
  Result<std::vector<std::string>> SelectSources(const std::vector<std::string>& select,
                                                 const std::vector<std::string>& exclude) const;

  /// Makes refs to nodes that are not there lead to another state: see DeferInputs (deferral.h). Once, before anything
  /// is compiled. Errors: kUsage, kConfigValueInvalid, kStore….
  Status Defer(engine::Engine& engine, const std::vector<std::string>& selected,
               const std::vector<std::string>& also_read = {});

  /// Renders a node's SQL: the select statement of a model or snapshot, the failing rows of a test; ephemeral models
  /// that it uses stand before it as common table expressions. Errors: kJinja…, kDbt…, with file and line.
  Result<std::string> Compile(const Node& node, const CompileContext& context) const;
  /// Runs the macro that materializes the node, in a transaction.
  /// Errors: kJinja…, kDbt…, kSql…, kDelta…, kStore…; an error of the engine within the node's own SQL has the file
  /// "SQL" and the line that this SQL would have if it began in line 2.
  Result<Materialization> Materialize(const Node& node, const MaterializeContext& context) const;

  /// Whether a generic test is the built-in one of that name, not a macro of the project.
  bool IsBuiltInTest(const Node& node, std::string_view name) const;

  /// The path of a seed's CSV file.
  std::string SeedPath(const Node& node) const;

 private:
  struct Impl;
  explicit Project(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace smelt::transform
