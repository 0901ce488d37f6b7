#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/session.h"
#include "transform/internal/project/manifest.h"
#include "transform/invoke.h"

namespace smelt::transform {

struct ProjectState;

/// What rendering a node's SQL needs to know of the run.
struct CompileContext {
  engine::Session* session = nullptr;  ///< for run_query and adapter calls; null: execute is false
  bool is_incremental = false;         ///< what is_incremental() answers
  std::string run_id;
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

  /// Unique ids of the nodes that dbt's selection picks, in manifest order. Empty `select` is everything.
  /// Tests come with what they read, as far as `flags: indirect_selection` in dbt_project.yml says (default: eager).
  /// Errors: kDbtSelectorInvalid for a selector that matches nothing at all or that cannot be read.
  Result<std::vector<std::string>> Select(const std::vector<std::string>& select,
                                          const std::vector<std::string>& exclude) const;

  /// Renders a node's SQL: the select statement of a model or snapshot, the failing rows of a test; ephemeral models
  /// that it uses stand before it as common table expressions. Errors: kJinja…, kDbt…, with file and line.
  Result<std::string> Compile(const Node& node, const CompileContext& context) const;
  /// Renders a hook or another template in the context of a node.
  Result<std::string> RenderHook(const Node& node, const std::string& text, const CompileContext& context) const;

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
