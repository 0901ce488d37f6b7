#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/config.h"
#include "engine/session.h"
#include "transform/internal/jinja/interpreter.h"
#include "transform/internal/project/database_access.h"
#include "transform/internal/project/project_state.h"

namespace smelt::transform {

enum class RenderPhase {
  kYaml,          ///< a value of a YAML file: no node
  kConfig,        ///< finds the calls of config(); refs are not looked up yet
  kDependencies,  ///< finds and checks refs and sources; execute is false
  kRun,           ///< makes the SQL that runs
};

/// What a rendering mentioned, in the order of first mention and without doubles.
struct RenderFindings {
  std::vector<std::string> refs;   ///< unique ids
  std::vector<RefCall> ref_calls;  ///< as they are written
  std::vector<const SourceTable*> sources;
  Json config = Json::object();                    ///< in kConfig: starts as what is known of the node
  Json own_config = Json::object();                ///< in kConfig: what config() told
  std::map<std::string, std::string> environment;  ///< environment variables read
  std::vector<Error> warnings;
  std::vector<std::string> substituted;  ///< unique ids that Substitutes were found for
  bool asked_database = false;           ///< whether it asked something that only a run can answer
  std::string written;                   ///< what a materialization gave to write(): the SQL that it runs
};

/// What a unit test puts in the place of what its model reads.
struct Substitutes {
  std::map<std::string, std::string>
      tables;  ///< unique id of a node or source → the query, by name, that stands for it
  Json vars = Json::object();
  Json environment = Json::object();
};

/// The names that a template sees while it is rendered for one node. Confined to one thread.
class RenderContext final : public jinja::Globals {
 public:
  /// All references must outlive this.
  RenderContext(const ProjectState& project, const Node* node, RenderPhase phase, RenderFindings& findings);
  /// In kYaml: no node, but the package whose file it is.
  RenderContext(const ProjectState& project, std::string_view package, RenderFindings& findings);

  /// What is_incremental() answers.
  void set_incremental(bool is_incremental) { is_incremental_ = is_incremental; }
  void set_run(engine::Session* session, std::string run_id);
  /// The batch of a microbatch model.
  void set_batch(std::optional<EventTimeWindow> batch) { batch_ = batch; }
  /// Refs and sources that `substitutes`, which must outlive this, does not know are errors then.
  void set_substitutes(const Substitutes* substitutes) { substitutes_ = substitutes; }
  /// Adds a name for this rendering only.
  void Set(std::string name, jinja::Value value) { own_.insert_or_assign(std::move(name), std::move(value)); }

  const jinja::Value* Find(std::string_view name) const override;
  /// What `name` means where no macro has it.
  const jinja::Value* FindBuiltin(std::string_view name) const;
  std::vector<std::string_view> Names() const override;

  /// The context that `interpreter` runs in: all of the project's templates are rendered in one.
  static const RenderContext& Of(const jinja::Interpreter& interpreter) {
    return static_cast<const RenderContext&>(interpreter.globals());
  }

  const ProjectState& project() const { return project_; }
  const Node* node() const { return node_; }
  /// The package whose names come first.
  std::string_view package() const { return package_; }
  RenderPhase phase() const { return phase_; }
  RenderFindings& findings() const { return findings_; }
  bool is_incremental() const { return is_incremental_; }
  /// Whether SQL can be run: `execute`.
  bool executes() const { return database_.has_value(); }
  /// Null while SQL cannot be run.
  DatabaseAccess* database() const { return database_ ? &*database_ : nullptr; }
  const std::string& run_id() const { return run_id_; }
  const std::optional<EventTimeWindow>& batch() const { return batch_; }
  const Substitutes* substitutes() const { return substitutes_; }
  /// The node's configuration as far as it is known.
  const Json& config() const { return phase_ == RenderPhase::kConfig ? findings_.config : node_->config.all; }
  std::map<std::string, jinja::Value, std::less<>>& statement_results() const { return statement_results_; }

 private:
  const ProjectState& project_;
  const Node* node_;
  std::string_view package_;
  RenderPhase phase_;
  RenderFindings& findings_;
  bool is_incremental_ = false;
  mutable std::optional<DatabaseAccess> database_;
  std::string run_id_;
  std::optional<EventTimeWindow> batch_;
  const Substitutes* substitutes_ = nullptr;
  mutable std::map<std::string, jinja::Value, std::less<>> own_;
  mutable std::map<std::string, jinja::Value, std::less<>> made_;  ///< when first used
  mutable std::map<std::string, jinja::Value, std::less<>> statement_results_;
};

/// The description of a node that templates see as `model`, `node` and in `graph.nodes`.
Json DescribeNode(const Node& node, const Json& config);

Json DescribeColumn(const Column& column);
/// The description of a source table that templates see in `graph.sources`.
Json DescribeSource(const SourceTable& source);

/// Renders a template, or a part of it, in a context. A rendering that is not run is repeated with undefined values
/// allowed when it fails for want of a database's answer.
/// Where its parts come from goes to `places`, if that is given.
Result<std::string> RenderIn(const RenderContext& context, const jinja::TemplatePointer& sql, const jinja::Body* body,
                             jinja::SourceMap* places = nullptr);

/// The value of a YAML node of a package with the templates in its texts rendered.
/// Errors: kJinja…, kDbtVarMissing, at the node.
Result<Json> RenderYaml(const ProjectState& project, std::string_view package, const ConfigNode& node);
/// The value of one text of a YAML file, which stands at `place`.
Result<Json> RenderYamlText(const ProjectState& project, std::string_view package, const ConfigNode& place,
                            const std::string& text);

/// What a text refers to.
struct References {
  std::vector<std::string> ids;  ///< unique ids of nodes, then those of sources
  std::vector<RefCall> refs;     ///< as they are written
  std::vector<const SourceTable*> sources;
};

/// The nodes and sources that a text like "ref('orders')" refers to. Errors: kJinja…, kDbtRefMissing.
Result<References> ReferredTo(const ProjectState& project, std::string_view package, const ConfigNode& place,
                              const std::string& call);

}  // namespace smelt::transform
