#include "transform/internal/lineage/project_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <optional>
#include <set>

#include "base/config.h"
#include "base/id.h"
#include "base/parallel.h"
#include "transform/internal/artefacts/artefact_file.h"
#include "transform/internal/lineage/lineage_file.h"
#include "transform/internal/lineage/node_trace.h"
#include "transform/internal/project/render_node.h"
#include "transform/internal/project/source_location.h"

namespace smelt::transform {
namespace {

/// Unique ids of sources whose tables are made by nodes of the project, such as its seeds, and of those nodes.
std::map<std::string, std::string> Makers(const Manifest& manifest) {
  RelationIds made;
  for (const auto& [id, node] : manifest.nodes) {
    if (IsRefable(node.type) && node.config.materialized != "ephemeral") made.emplace(RelationKey(node.relation), id);
  }
  std::map<std::string, std::string> makers;
  for (const auto& [id, source] : manifest.sources) {
    if (const auto maker = made.find(RelationKey(source.relation)); maker != made.end())
      makers.emplace(id, maker->second);
  }
  return makers;
}

/// Traces a project's nodes, every one after those that it reads. Workers share it; `lock_` guards what they change.
class ProjectTrace {
 public:
  ProjectTrace(engine::Engine& engine, const Project& project, const InvokeOptions& options, engine::EmptyLake& lake,
               KnownLineages known, std::stop_token stop)
      : engine_(engine),
        project_(project),
        options_(options),
        lake_(lake),
        known_(std::move(known)),
        stop_(std::move(stop)) {}

  /// Traces the nodes, which are given level by level, and what they read of sources.
  Status Run(const std::vector<std::vector<std::string>>& levels);
  const KnownLineages& known() const { return known_; }
  std::int64_t traced() const { return traced_; }

 private:
  Status AddSources(const std::vector<std::vector<std::string>>& levels);
  Result<NodeLineage> SourceLineage(const SourceTable& source);
  /// The columns of a source that is files; what reads those files then reads the source.
  void AddExternal(const SourceTable& source, const std::string& location, NodeLineage& lineage);
  Status TraceNode(const Node& node);
  /// Traces a node; `hash` becomes what the result depends on. Nothing when what is known of it holds.
  Result<std::optional<NodeLineage>> TraceAnew(const Node& node, std::string& hash);
  /// What the lineage of a node with this SQL depends on.
  std::string HashOf(const Node& node, const std::string& sql);
  Result<std::string> Render(const Node& node);
  /// Why the node cannot be bound: something it reads has no columns that are known; else empty.
  std::string Obstacle(const Node& node);
  void Keep(std::string hash, NodeLineage lineage, const RelationName& relation, bool is_new);

  engine::Engine& engine_;
  const Project& project_;
  const InvokeOptions& options_;
  engine::EmptyLake& lake_;
  RelationIds ids_;                            ///< filled before the workers begin
  std::map<std::string, std::string> makers_;  ///< likewise; see Makers
  std::mutex lock_;
  KnownLineages known_;
  std::set<std::string> current_;  ///< those of known_ that hold now
  std::vector<std::unique_ptr<engine::Session>> sessions_;
  std::int64_t traced_ = 0;
  std::stop_token stop_;
};

Status ProjectTrace::Run(const std::vector<std::vector<std::string>>& levels) {
  const Manifest& manifest = project_.manifest();
  for (const auto& [id, node] : manifest.nodes) {
    if (IsRefable(node.type)) ids_.emplace(RelationKey(TracedRelation(node)), id);
  }
  for (const auto& [id, source] : manifest.sources) ids_.emplace(RelationKey(source.relation), id);
  makers_ = Makers(manifest);
  SMELT_TRY(AddSources(levels));
  const std::size_t threads = options_.threads > 0 ? static_cast<std::size_t>(options_.threads) : ProcessorCount();
  for (const std::vector<std::string>& level : levels) {
    SMELT_TRY(
        ForEachParallel(level.size(), threads, [&](std::size_t i) { return TraceNode(manifest.nodes.at(level[i])); }));
  }
  return {};
}

Status ProjectTrace::AddSources(const std::vector<std::vector<std::string>>& levels) {
  const Manifest& manifest = project_.manifest();
  std::set<std::string> wanted;
  for (const auto& level : levels) {
    for (const std::string& id : level) {
      const Node& node = manifest.nodes.at(id);
      wanted.insert(node.sources.begin(), node.sources.end());
    }
  }
  for (const std::string& id : wanted) {
    const SourceTable& source = manifest.sources.at(id);
    SMELT_ASSIGN(NodeLineage lineage, SourceLineage(source));
    Keep("", std::move(lineage), source.relation, false);
  }
  return {};
}

Result<NodeLineage> ProjectTrace::SourceLineage(const SourceTable& source) {
  NodeLineage lineage;
  lineage.unique_id = source.unique_id;
  lineage.name = source.source + "." + source.table;
  lineage.resource_type = "source";
  SMELT_ASSIGN(const std::string location, ExternalLocation(source));
  if (!location.empty()) {
    AddExternal(source, location, lineage);
    return lineage;
  }
  SMELT_ASSIGN(auto table, engine_.FindTable(source.relation.schema, source.relation.identifier));
  if (table) {
    for (const auto& [name, type] : table->columns) lineage.columns.push_back({name, type, {}, {}});
    return lineage;
  }
  for (const Column& column : source.columns) lineage.columns.push_back({column.name, column.data_type, {}, {}});
  if (lineage.columns.empty()) lineage.problem = "it is not in the lake, and its properties list no columns";
  return lineage;
}

void ProjectTrace::AddExternal(const SourceTable& source, const std::string& location, NodeLineage& lineage) {
  const auto traced = lake_.Trace("select * from " + location);
  if (!traced) {
    lineage.problem = traced.error().message().substr(0, traced.error().message().find('\n'));
    return;
  }
  for (const engine::TracedColumn& column : traced->columns) {
    lineage.columns.push_back({column.name, column.type, {}, {}});
    for (const engine::ColumnSource& read : column.sources) {
      if (read.column.schema.empty()) ids_.emplace(RelationKey({"", read.column.table}), source.unique_id);
    }
  }
}

Status ProjectTrace::TraceNode(const Node& node) {
  if (stop_.stop_requested()) return Fail(ErrorCode::kCancelled, "the run was interrupted");
  std::string hash;
  auto lineage = TraceAnew(node, hash);
  if (lineage) {
    const bool is_new = lineage->has_value();
    if (!is_new) {
      const std::lock_guard guard(lock_);
      *lineage = known_.at(node.unique_id).lineage;
    }
    Keep(std::move(hash), **std::move(lineage), TracedRelation(node), is_new);
    return {};
  }
  if (lineage.error().code() == ErrorCode::kCancelled) return Fail(std::move(lineage).error());
  NodeLineage failed;
  failed.unique_id = node.unique_id;
  failed.name = node.name;
  failed.resource_type = ResourceTypeText(node.type);
  failed.problem = lineage.error().message().substr(0, lineage.error().message().find('\n'));
  Keep("", std::move(failed), TracedRelation(node), true);
  return {};
}

Result<std::optional<NodeLineage>> ProjectTrace::TraceAnew(const Node& node, std::string& hash) {
  NodeLineage lineage;
  lineage.unique_id = node.unique_id;
  lineage.name = node.version.empty() ? node.name : node.name + ".v" + node.version;
  lineage.resource_type = ResourceTypeText(node.type);
  lineage.problem = Obstacle(node);
  if (!lineage.problem.empty()) return std::optional(std::move(lineage));
  SMELT_ASSIGN(std::string sql, Render(node));
  hash = HashOf(node, sql);
  {
    const std::lock_guard guard(lock_);
    const auto known = known_.find(node.unique_id);
    if (known != known_.end() && known->second.hash == hash) return std::optional<NodeLineage>();
  }
  const bool is_seed = node.type == ResourceType::kSeed;
  SMELT_ASSIGN(engine::QueryLineage traced, is_seed ? TraceSeed(project_, node, lake_) : lake_.Trace(sql));
  TakeOver(traced, ids_, lineage);
  if (node.type == ResourceType::kSnapshot) AddSnapshotColumns(node, lineage);
  return std::optional(std::move(lineage));
}

std::string ProjectTrace::HashOf(const Node& node, const std::string& sql) {
  ContentHasher hasher;
  auto add = [&hasher](std::string_view part) {
    hasher.Update(std::to_string(part.size()) + ":");
    hasher.Update(part);
  };
  add(sql);
  add(TracedRelation(node).Text());
  if (node.type != ResourceType::kModel) add(JsonText(node.config.all));
  std::vector<std::string> inputs = node.depends_on;
  for (const std::string& source : node.sources) {
    inputs.push_back(source);
    if (const auto maker = makers_.find(source); maker != makers_.end()) inputs.push_back(maker->second);
  }
  const std::lock_guard guard(lock_);
  for (const std::string& id : inputs) {
    const auto input = known_.find(id);
    if (input == known_.end()) continue;
    add(id);
    for (const LineageColumn& column : input->second.lineage.columns) {
      add(column.name);
      add(column.type);
    }
  }
  return hasher.Finish();
}

Result<std::string> ProjectTrace::Render(const Node& node) {
  if (node.type == ResourceType::kSeed) return node.checksum + node.raw_sql;
  std::unique_ptr<engine::Session> session;
  {
    const std::lock_guard guard(lock_);
    if (!sessions_.empty()) {
      session = std::move(sessions_.back());
      sessions_.pop_back();
    }
  }
  if (session == nullptr) {
    SMELT_ASSIGN(session, engine_.Connect());
    session->ObserveStop(stop_);
  }
  CompileContext compile;
  compile.session = session.get();
  compile.run_id = "lineage";
  auto sql = RenderNode(project_.state(), node, compile);
  const std::lock_guard guard(lock_);
  sessions_.push_back(std::move(session));
  return sql;
}

std::string ProjectTrace::Obstacle(const Node& node) {
  const std::lock_guard guard(lock_);
  for (const auto* inputs : {&node.depends_on, &node.sources}) {
    for (const std::string& id : *inputs) {
      const auto input = known_.find(id);
      // A node that makes the source's table, and is traced before, says what its columns are.
      if (const auto maker = makers_.find(id); maker != makers_.end() && current_.contains(maker->second)) continue;
      const bool is_missing = input != known_.end() && current_.contains(id) && input->second.lineage.columns.empty();
      if (is_missing) {
        return fmt::format("the columns of {}, which it reads, are not known: {}", id, input->second.lineage.problem);
      }
    }
  }
  return "";
}

void ProjectTrace::Keep(std::string hash, NodeLineage lineage, const RelationName& relation, bool is_new) {
  engine::EmptyLake::Columns columns;
  for (const LineageColumn& column : lineage.columns) {
    columns.emplace_back(column.name, column.type.empty() ? "VARCHAR" : column.type);
  }
  // Who reads it will say what is missing.
  if (!columns.empty() && !relation.identifier.empty()) {
    const Status defined = lake_.Define(relation.schema, relation.identifier, columns);
    if (!defined && lineage.problem.empty()) {
      lineage.untraced.push_back(fmt::format("its columns as a table: {}", defined.error().message()));
    }
  }
  const std::lock_guard guard(lock_);
  traced_ += is_new ? 1 : 0;
  const std::string id = lineage.unique_id;
  current_.insert(id);
  known_.insert_or_assign(id, KnownLineage{std::move(hash), std::move(lineage)});
}

// -- what is asked for

/// The nodes that read each node or source.
std::map<std::string, std::vector<std::string>> Readers(const Manifest& manifest) {
  std::map<std::string, std::vector<std::string>> readers;
  for (const auto& [id, node] : manifest.nodes) {
    if (!IsRefable(node.type)) continue;
    for (const auto* inputs : {&node.depends_on, &node.sources}) {
      for (const std::string& input : *inputs) readers[input].push_back(id);
    }
  }
  return readers;
}

/// The unique ids that people may mean by a name: of the root project's nodes before those of packages.
std::vector<std::string> Meant(const Manifest& manifest, const std::string& name) {
  std::vector<std::string> own, others;
  auto take = [&](const std::string& id, const std::string& package) {
    (package == manifest.project_name ? own : others).push_back(id);
  };
  for (const auto& [id, node] : manifest.nodes) {
    if (!IsRefable(node.type)) continue;
    const bool is_version = !node.version.empty() && name == node.name + ".v" + node.version;
    const bool is_latest = name == node.name && (node.version.empty() || node.version == node.latest_version);
    if (id == name || is_version || is_latest || name == node.package + "." + node.name) take(id, node.package);
  }
  for (const auto& [id, source] : manifest.sources) {
    const std::string text = source.source + "." + source.table;
    if (id == name || text == name || "source:" + text == name) take(id, source.package);
  }
  return own.empty() ? others : own;
}

Error Unknown(const Manifest& manifest, const std::string& target) {
  std::vector<std::string> names;
  for (const auto& [id, node] : manifest.nodes) {
    if (IsRefable(node.type)) names.push_back(node.name);
  }
  for (const auto& [id, source] : manifest.sources) names.push_back(source.source + "." + source.table);
  std::string near = NearestWord(target, {names.begin(), names.end()});
  if (near.empty()) near = NearestWord(target.substr(0, target.rfind('.')), {names.begin(), names.end()});
  return Error(ErrorCode::kDbtSelectorInvalid,
               fmt::format("the project has no model, snapshot, seed or source '{}'", target))
      .Hint(near.empty() ? "name it as in NODE or NODE.COLUMN; `smelt list` shows all" : "did you mean " + near + "?");
}

/// What a target means: a whole name first, else a name and a column behind the last dot.
Result<ColumnRef> Resolve(const Manifest& manifest, const std::string& target) {
  if (target.empty()) return ColumnRef();
  auto ids = Meant(manifest, target);
  std::string column;
  if (const std::size_t dot = target.rfind('.'); ids.empty() && dot != std::string::npos) {
    ids = Meant(manifest, target.substr(0, dot));
    column = target.substr(dot + 1);
  }
  if (ids.empty()) return Fail(Unknown(manifest, target));
  if (ids.size() > 1) {
    return Fail(Error(ErrorCode::kDbtSelectorInvalid, fmt::format("'{}' may be {} or {}", target, ids[0], ids[1]))
                    .Hint("name it with its package, or by its unique id"));
  }
  return ColumnRef{ids[0], std::move(column), ""};
}

using IdMap = std::map<std::string, std::string>;

void AddAncestors(const Manifest& manifest, const IdMap& makers, const std::string& id, std::set<std::string>& nodes) {
  const auto node = manifest.nodes.find(id);
  if (node == manifest.nodes.end() || !IsRefable(node->second.type) || !nodes.insert(id).second) return;
  for (const std::string& input : node->second.depends_on) AddAncestors(manifest, makers, input, nodes);
  for (const std::string& source : node->second.sources) {
    if (const auto maker = makers.find(source); maker != makers.end()) {
      AddAncestors(manifest, makers, maker->second, nodes);
    }
  }
}

/// The nodes to trace: those that are asked for, and all that they read.
std::set<std::string> NodesFor(const Manifest& manifest, const ColumnRef& target, bool downstream) {
  std::set<std::string> nodes;
  const IdMap makers = Makers(manifest);
  if (target.node.empty()) {
    for (const auto& [id, node] : manifest.nodes) AddAncestors(manifest, makers, id, nodes);
    return nodes;
  }
  std::set<std::string> wanted = {target.node};
  std::vector<std::string> open = {target.node};
  const auto readers = downstream ? Readers(manifest) : std::map<std::string, std::vector<std::string>>();
  while (!open.empty()) {
    const auto found = readers.find(open.back());
    open.pop_back();
    if (found == readers.end()) continue;
    for (const std::string& reader : found->second) {
      if (wanted.insert(reader).second) open.push_back(reader);
    }
  }
  for (const std::string& id : wanted) AddAncestors(manifest, makers, id, nodes);
  return nodes;
}

/// The nodes by how many steps they are behind the first ones; a source is as far as what makes its table.
std::vector<std::vector<std::string>> Levels(const Manifest& manifest, const std::set<std::string>& nodes) {
  const IdMap makers = Makers(manifest);
  std::map<std::string, std::size_t> level_of;
  // Seeds wait for nothing, but come late in the manifest's order.
  for (const std::string& id : nodes) {
    if (manifest.nodes.at(id).type == ResourceType::kSeed) level_of[id] = 0;
  }
  std::vector<std::vector<std::string>> levels;
  for (const std::string& id : manifest.order) {
    if (!nodes.contains(id)) continue;
    const Node& node = manifest.nodes.at(id);
    std::size_t level = 0;
    const auto go_behind = [&](const std::string& input) {
      const auto before = level_of.find(input);
      if (before != level_of.end()) level = std::max(level, before->second + 1);
    };
    for (const std::string& input : node.depends_on) go_behind(input);
    for (const std::string& source : node.sources) {
      if (const auto maker = makers.find(source); maker != makers.end()) go_behind(maker->second);
    }
    level_of[id] = level;
    if (levels.size() <= level) levels.resize(level + 1);
    levels[level].push_back(id);
  }
  return levels;
}

/// Errors when the column that was asked for is not there.
Status CheckColumn(ProjectLineage& lineage) {
  if (lineage.target.column.empty()) return {};
  const NodeLineage& node = lineage.nodes.at(lineage.target.node);
  if (const LineageColumn* column = node.Find(lineage.target.column)) {
    lineage.target.column = column->name;
    return {};
  }
  if (!node.problem.empty()) {
    return Fail(ErrorCode::kDbtSelectorInvalid, fmt::format("{} cannot be traced: {}", node.name, node.problem));
  }
  std::vector<std::string_view> names;
  for (const LineageColumn& column : node.columns) names.push_back(column.name);
  const std::string near = NearestWord(lineage.target.column, names);
  return Fail(
      Error(ErrorCode::kDbtSelectorInvalid, fmt::format("{} has no column '{}'", node.name, lineage.target.column))
          .Hint(near.empty() ? fmt::format("`smelt lineage {}` shows its columns", node.name)
                             : fmt::format("did you mean {}.{}?", node.name, near)));
}

}  // namespace

Result<ProjectLineage> TraceProject(engine::Engine& engine, const Project& project, const InvokeOptions& options,
                                    const LineageRequest& request, std::stop_token stop) {
  const Manifest& manifest = project.manifest();
  ProjectLineage result;
  SMELT_ASSIGN(result.target, Resolve(manifest, request.target));
  const std::string path = fmt::format("{}/{}", TargetFolder(options, project.state()), kLineageFile);
  SMELT_ASSIGN(auto lake, engine::EmptyLake::Open());
  KnownLineages known = ReadLineage(path);
  std::erase_if(known, [&](const auto& entry) {
    return !manifest.nodes.contains(entry.first) && !manifest.sources.contains(entry.first);
  });
  ProjectTrace trace(engine, project, options, *lake, std::move(known), std::move(stop));
  const std::set<std::string> nodes = NodesFor(manifest, result.target, request.downstream);
  SMELT_TRY(trace.Run(Levels(manifest, nodes)));
  SMELT_TRY(WriteLineage(project.state(), path, trace.known()));
  result.traced = trace.traced();
  for (const auto& [id, own] : trace.known()) {
    const bool is_source = manifest.sources.contains(id);
    if (is_source || nodes.contains(id)) result.nodes.emplace(id, own.lineage);
  }
  if (!result.target.node.empty() && !result.nodes.contains(result.target.node)) {
    return Fail(ErrorCode::kDbtSelectorInvalid,
                fmt::format("nothing reads the source {}: it has no lineage", request.target));
  }
  SMELT_TRY(CheckColumn(result));
  return result;
}

Result<ProjectLineage> TraceLineage(engine::Engine& engine, const InvokeOptions& options, const LineageRequest& request,
                                    std::stop_token stop) {
  SMELT_ASSIGN(auto project, Project::Load(options));
  return TraceProject(engine, *project, options, request, std::move(stop));
}

}  // namespace smelt::transform
