#include "transform/internal/metrics/joined_rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "engine/session.h"

namespace smelt::transform {
namespace {

/// Whether other models can be joined to this one by the entity without being multiplied.
bool IsFoundOnce(const ModelDefinition& model, const EntityDefinition& entity) {
  if (entity.type == "natural") return model.Validity().first != nullptr;
  return entity.is_key();
}

bool Has(const ModelDefinition& model, const std::string& name, bool is_last) {
  return model.Entity(name) != nullptr || (is_last && model.Dimension(name) != nullptr);
}

}  // namespace

struct JoinedRows::Node {
  const ModelDefinition* model = nullptr;  ///< null: `relation` is a query
  std::string relation;
  std::string alias;
  std::string entity;  ///< by which it is joined, and to what
  const Node* parent = nullptr;
  std::string condition;                                       ///< of the join; empty: nothing is joined
  std::vector<std::pair<std::string, std::string>> columns{};  ///< expressions and the names that they have outside
};

JoinedRows::JoinedRows(const SemanticGraph& graph, const ModelDefinition& model, std::string time,
                       CompileMetric compile_metric)
    : graph_(graph), model_(model), time_(std::move(time)), compile_metric_(std::move(compile_metric)) {
  nodes_.push_back(std::make_unique<Node>(Node{
      .model = &model, .relation = model.relation, .alias = "s", .entity = {}, .parent = nullptr, .condition = {}}));
}

JoinedRows::~JoinedRows() = default;

std::string JoinedRows::Column(Node& node, const std::string& expr) {
  auto found = std::ranges::find(node.columns, expr, &std::pair<std::string, std::string>::first);
  if (found == node.columns.end()) {
    node.columns.emplace_back(expr, fmt::format("{}_{}", node.alias, node.columns.size()));
    found = std::prev(node.columns.end());
  }
  return found->second;
}

std::string JoinedRows::Own(const std::string& expr) {
  return Column(*nodes_.front(), expr);
}

Error JoinedRows::Unreachable(const Reference& reference) const {
  const std::string wanted = reference.Name();
  const std::string& last = reference.path.empty() ? reference.name : reference.path.back();
  for (const ModelDefinition& other : graph_.models) {
    const EntityDefinition* entity = other.Entity(last);
    const bool is_there = other.Dimension(reference.name) != nullptr || other.Entity(reference.name) != nullptr;
    if (&other == &model_ || entity == nullptr || !is_there || IsFoundOnce(other, *entity)) continue;
    return Error(
               ErrorCode::kMetricImpossible,
               fmt::format("'{}': '{}' has many rows for one '{}' of '{}'; joined, they would count its measures more "
                           "than once",
                           wanted, other.name, last, model_.name))
        .Hint(fmt::format("ask for a metric of '{}', or make '{}' a primary or unique entity there", other.name, last));
  }
  std::vector<std::string> known;
  for (const MetricDimension& one : ReachableElements(graph_, model_)) known.push_back(one.name);
  for (const ModelDefinition& other : graph_.models) {
    const bool is_there = other.Dimension(reference.name) != nullptr || other.Entity(reference.name) != nullptr;
    if (!is_there || !(reference.path.empty() || other.IsNamedBy(last))) continue;
    return Error(ErrorCode::kMetricImpossible, fmt::format("'{}': nothing leads from '{}' to it", wanted, model_.name))
        .Hint(fmt::format("it can be grouped by {}", fmt::join(known, ", ")));
  }
  return UnknownName("dimension", wanted, known);
}

Result<FoundElement> JoinedRows::Element(Node& node, const std::string& name, const Reference& reference) {
  if (const DimensionDefinition* dimension = node.model->Dimension(name); dimension != nullptr) {
    return FoundElement{.sql = Column(node, dimension->expr),
                        .kind = dimension->is_time ? "time" : "dimension",
                        .finest = dimension->grain,
                        .is_own_time = &node == nodes_.front().get() && name == time_,
                        .label = dimension->label};
  }
  if (const EntityDefinition* entity = node.model->Entity(name); entity != nullptr) {
    return FoundElement{.sql = Column(node, entity->expr), .kind = "entity", .label = entity->label};
  }
  return Fail(Unreachable(reference));
}

Result<JoinedRows::Node*> JoinedRows::Join(Node& node, const std::string& entity, const std::string& next, bool is_last,
                                           const Reference& reference) {
  const EntityDefinition* own = node.model->Entity(entity);
  if (own == nullptr) return Fail(Unreachable(reference));
  std::vector<const ModelDefinition*> targets;
  for (const ModelDefinition& other : graph_.models) {
    const EntityDefinition* key = other.Entity(entity);
    if (&other == node.model || key == nullptr || !IsFoundOnce(other, *key)) continue;
    if (own->type == "natural" && key->type == "natural") continue;
    if (Has(other, next, is_last)) targets.push_back(&other);
  }
  if (targets.empty()) return Fail(Unreachable(reference));
  if (targets.size() > 1) {
    return Fail(Error(ErrorCode::kMetricImpossible, fmt::format("'{}' could be that of '{}' or of '{}'",
                                                                reference.Name(), targets[0]->name, targets[1]->name))
                    .Hint("rename one of the dimensions, or give one of the models an entity of its own"));
  }
  const auto there = std::ranges::find_if(nodes_, [&](const auto& one) {
    return one->parent == &node && one->entity == entity && one->model == targets[0];
  });
  if (there != nodes_.end()) return there->get();
  nodes_.push_back(std::make_unique<Node>(Node{.model = targets[0],
                                               .relation = targets[0]->relation,
                                               .alias = fmt::format("j{}", nodes_.size()),
                                               .entity = entity,
                                               .parent = &node,
                                               .condition = {}}));
  Node& joined = *nodes_.back();
  joined.condition = fmt::format("{} = {}", Column(node, own->expr), Column(joined, targets[0]->Entity(entity)->expr));
  if (const auto [begin, end] = targets[0]->Validity(); begin != nullptr) {
    const DimensionDefinition* time = model_.Dimension(time_);
    if (time == nullptr) return Fail(Unreachable(reference));
    const std::string at = Truncated(Grain::kDay, Own(time->expr));
    const std::string until = Column(joined, end->expr);
    joined.condition +=
        fmt::format(" AND {0} >= {1} AND ({0} < {2} OR {2} IS NULL)", at, Column(joined, begin->expr), until);
  }
  return &joined;
}

Result<FoundElement> JoinedRows::FindMetric(const Reference& reference) {
  if (reference.group_by.empty()) {
    return Fail(Error(ErrorCode::kMetricImpossible, fmt::format("Metric('{}') is by nothing", reference.name))
                    .Hint("write Metric('revenue', group_by=['customer'])"));
  }
  SMELT_ASSIGN(const std::string query, compile_metric_(reference.name, reference.group_by));
  std::vector<std::pair<std::string, std::string>> keys;  // here and in the query
  for (const std::string& item : reference.group_by) {
    SMELT_ASSIGN(const Reference entity, ParseReference(item));
    SMELT_ASSIGN(FoundElement own, FindAtGrain(entity));
    keys.emplace_back(std::move(own.sql), engine::QuoteIdentifier(entity.Column()));
  }
  nodes_.push_back(std::make_unique<Node>(Node{.model = nullptr,
                                               .relation = "(" + query + ")",
                                               .alias = fmt::format("j{}", nodes_.size()),
                                               .entity = {},
                                               .parent = nodes_.front().get(),
                                               .condition = {}}));
  Node& node = *nodes_.back();
  for (const auto& [own, other] : keys) {
    node.condition += fmt::format("{}{} = {}", node.condition.empty() ? "" : " AND ", own, Column(node, other));
  }
  return FoundElement{.sql = Column(node, engine::QuoteIdentifier(reference.name)), .kind = "metric", .label = {}};
}

Result<FoundElement> JoinedRows::Find(const Reference& reference) {
  if (reference.is_metric) return FindMetric(reference);
  Node* node = nodes_.front().get();
  if (reference.is_metric_time()) {
    if (time_.empty()) {
      return Fail(Error(ErrorCode::kMetricImpossible, fmt::format("'{}' has no metric_time", model_.name))
                      .Hint("group by one of its time dimensions"));
    }
    return Element(*node, time_, reference);
  }
  if (reference.path.empty()) {
    if (model_.Entity(reference.name) != nullptr) return Element(*node, reference.name, reference);
    return Fail(Unreachable(reference));
  }
  for (std::size_t i = 0; i < reference.path.size(); ++i) {
    const bool is_last = i + 1 == reference.path.size();
    const std::string& next = is_last ? reference.name : reference.path[i + 1];
    const bool is_here = node->model->IsNamedBy(reference.path[i]) && Has(*node->model, next, is_last);
    if (is_here) continue;
    SMELT_ASSIGN(node, Join(*node, reference.path[i], next, is_last, reference));
  }
  return Element(*node, reference.name, reference);
}

Result<FoundElement> JoinedRows::FindAtGrain(const Reference& reference) {
  SMELT_ASSIGN(FoundElement found, Find(reference));
  if (!found.is_time()) {
    if (!reference.grain && reference.date_part.empty()) return found;
    return Fail(Error(ErrorCode::kMetricImpossible, fmt::format("'{}' is no time", reference.Name()))
                    .Hint("name it without a grain"));
  }
  if (!reference.date_part.empty()) {
    found.sql = fmt::format("extract('{}' from {})", reference.date_part, found.sql);
    return found;
  }
  const Grain grain = reference.grain.value_or(found.finest);
  if (grain < found.finest) {
    return Fail(
        Error(ErrorCode::kMetricImpossible, fmt::format("'{}': the data of '{}' has one value a {}, no finer ones",
                                                        reference.Column(), model_.name, GrainText(found.finest)))
            .Hint(fmt::format("ask for {}__{}", reference.Name(), GrainText(found.finest))));
  }
  found.sql = Truncated(grain, found.sql);
  return found;
}

Result<std::string> JoinedRows::Condition(const ConditionText& condition) {
  std::string sql = condition.texts.front();
  for (std::size_t i = 0; i < condition.references.size(); ++i) {
    SMELT_ASSIGN(const FoundElement found, FindAtGrain(condition.references[i]));
    sql += found.sql + condition.texts[i + 1];
  }
  // The condition may end with a comment.
  return fmt::format("({}\n)", sql);
}

std::string JoinedRows::From() const {
  std::string sql;
  for (const auto& node : nodes_) {
    std::string columns;
    for (const auto& [expr, name] : node->columns) {
      columns += fmt::format("{}{} AS {}", columns.empty() ? "" : ", ", expr, name);
    }
    const std::string_view selected = columns.empty() ? std::string_view("1") : std::string_view(columns);
    const std::string rows = fmt::format("(SELECT {} FROM {}) AS {}", selected, node->relation, node->alias);
    sql += node->condition.empty() ? rows : fmt::format("\nLEFT JOIN {} ON {}", rows, node->condition);
  }
  return sql;
}

namespace {

constexpr int kJoinsMax = 2;

class Reach {
 public:
  explicit Reach(const SemanticGraph& graph) : graph_(graph) {}

  /// `prefix`: what leads to the model, "customer__"; empty at the beginning.
  void Visit(const ModelDefinition& model, const std::string& prefix, int joins) {
    if (!on_way_.insert(&model).second) return;
    const std::string own = prefix.empty() && !model.primary_entity.empty() ? model.primary_entity + "__" : prefix;
    for (const DimensionDefinition& dimension : model.dimensions) {
      if (own.empty()) break;
      Add({.name = own + dimension.name,
           .kind = dimension.is_time ? "time" : "dimension",
           .label = dimension.label,
           .description = dimension.description,
           .grain = dimension.is_time ? std::string(GrainText(dimension.grain)) : std::string()});
    }
    for (const EntityDefinition& entity : model.entities) {
      if (!prefix.ends_with(entity.name + "__")) {
        Add({.name = prefix + entity.name,
             .kind = "entity",
             .label = entity.label,
             .description = entity.description,
             .grain = {}});
      }
      if (joins == kJoinsMax) continue;
      for (const ModelDefinition& other : graph_.models) {
        const EntityDefinition* key = other.Entity(entity.name);
        if (&other == &model || key == nullptr || !IsFoundOnce(other, *key)) continue;
        const bool is_known = prefix.ends_with(entity.name + "__");
        Visit(other, is_known ? prefix : prefix + entity.name + "__", joins + 1);
      }
    }
    on_way_.erase(&model);
  }

  std::vector<MetricDimension> Take() {
    std::vector<MetricDimension> all;
    for (auto& [name, one] : found_) all.push_back(std::move(one));
    return all;
  }

 private:
  void Add(MetricDimension one) {
    std::string name = one.name;
    found_.emplace(std::move(name), std::move(one));
  }

  const SemanticGraph& graph_;
  std::set<const ModelDefinition*> on_way_;
  std::map<std::string, MetricDimension> found_;
};

}  // namespace

std::vector<MetricDimension> ReachableElements(const SemanticGraph& graph, const ModelDefinition& model) {
  Reach reach(graph);
  reach.Visit(model, "", 0);
  return reach.Take();
}

}  // namespace smelt::transform
