#include "transform/internal/run/inputs.h"

#include <charconv>
#include <map>
#include <set>

#include "base/file.h"
#include "base/id.h"

namespace smelt::transform {
namespace {

/// Collects what a node reads; views and ephemeral models are looked through.
class InputCollector {
 public:
  explicit InputCollector(const RunContext& run) : run_(run) {}

  Status Visit(const Node& node) {
    text_ += node.unique_id + "=" + node.definition_hash + "\n";
    if (node.type == ResourceType::kSeed) {
      SMELT_ASSIGN(std::string content, ReadWholeFile(run_.project.SeedPath(node)));
      text_ += ContentHash(content) + "\n";
    }
    for (const RelationName& source : node.source_inputs) SMELT_TRY(AddTable(source));
    for (const std::string& id : node.depends_on) {
      const Node& input = run_.project.manifest().nodes.at(id);
      if (input.deferred) {
        SMELT_TRY(AddDeferred(*input.deferred));
        continue;
      }
      bool seen_through = input.config.materialized == "view" || input.config.materialized == "ephemeral";
      if (!seen_through) {
        SMELT_TRY(AddTable(input.relation));
      } else if (visited_.insert(id).second) {
        SMELT_TRY(Visit(input));
      }
    }
    return {};
  }

  InputState Finish() {
    state_.definition = HashOf(text_);
    for (const auto& [table, version] : data_versions_) text_ += table + "@" + std::to_string(version) + "\n";
    state_.fingerprint = HashOf(text_);
    return std::move(state_);
  }

 private:
  static std::int64_t HashOf(const std::string& text) {
    std::uint64_t hash = 0;
    const std::string hex = ContentHash(text).substr(0, 16);
    std::from_chars(hex.data(), hex.data() + hex.size(), hash, 16);
    return static_cast<std::int64_t>(hash >> 1);
  }

  /// A relation of another state. What a view of it reads is not known: no run on it is like another.
  Status AddDeferred(const RelationName& relation) {
    SMELT_ASSIGN(const auto info, run_.engine.FindTable(relation.schema, relation.identifier));
    if (info && info->is_view) text_ += relation.Text() + "@" + run_.run_id + "\n";
    return AddTable(relation);
  }

  Status AddTable(const RelationName& table) {
    if (state_.versions.contains(table.Text())) return {};
    SMELT_ASSIGN(auto version, run_.engine.TableVersion(table.schema, table.identifier));
    state_.versions[table.Text()] = version.value_or(-1);
    // A table that was only maintained is still the same input.
    SMELT_ASSIGN(auto data_version, run_.engine.DataVersion(table.schema, table.identifier));
    data_versions_[table.Text()] = data_version.value_or(-1);
    SMELT_ASSIGN(auto rows, run_.engine.TableRows(table.schema, table.identifier));
    if (rows) state_.rows = std::max<std::int64_t>(state_.rows, 0) + *rows;
    return {};
  }

  const RunContext& run_;
  InputState state_;
  std::map<std::string, std::int64_t> data_versions_;
  std::string text_;
  std::set<std::string> visited_;
};

}  // namespace

Result<InputState> ReadInputs(const RunContext& run, const Node& node) {
  InputCollector collector(run);
  SMELT_TRY(collector.Visit(node));
  return collector.Finish();
}

}  // namespace smelt::transform
