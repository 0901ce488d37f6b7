#include "engine/internal/lake_content.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/parallel.h"
#include "base/retry.h"

namespace smelt::engine {
namespace {

/// Schemas that are about the lake they are in: what did not come in, what waits, verdicts and records of runs.
constexpr std::array<std::string_view, 4> kOperational = {"quarantine", "held", "quality", "operations"};
constexpr int kLooksMax = 40;
constexpr std::int64_t kLookPauseMs = 25;
constexpr std::size_t kLoadsMax = 8;

bool IsAlike(const LakeContent& one, const LakeContent& other) {
  const auto is_same = [](const auto& left, const auto& right) {
    return left.first == right.first && left.second->snapshot->version() == right.second->snapshot->version() &&
           left.second->metadata.id == right.second->metadata.id;
  };
  return one.release->number == other.release->number && one.views == other.views &&
         std::ranges::equal(one.tables, other.tables, is_same);
}

/// Loads the states of tables, several at a time: in a bucket each takes a few calls.
Status AddTables(Lake& lake, const std::vector<TableKey>& keys, LakeContent& content) {
  std::vector<TableStatePtr> states(keys.size());
  SMELT_TRY(ForEachParallel(keys.size(), kLoadsMax, [&](std::size_t i) -> Status {
    SMELT_ASSIGN(states[i], lake.Seen(keys[i], *content.release));
    return {};
  }));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (states[i]) content.tables.emplace(keys[i].Name(), std::move(states[i]));
  }
  return {};
}

Status AddSchema(Lake& lake, const std::string& schema, const ContentSelection& selection, LakeContent& content) {
  SMELT_ASSIGN(const std::vector<std::string> tables, lake.TableNames(schema));
  std::vector<TableKey> keys;
  for (const std::string& table : tables) {
    if (selection.Contains({.schema = schema, .name = table})) keys.push_back({schema, table});
  }
  SMELT_TRY(AddTables(lake, keys, content));
  SMELT_ASSIGN(const std::vector<std::string> views, lake.SeenViewNames(schema, *content.release));
  for (const std::string& view : views) {
    const TableKey key{schema, view};
    if (!selection.Contains(key.Name()) || content.tables.contains(key.Name())) continue;
    SMELT_ASSIGN(auto text, lake.SeenView(key, *content.release));
    if (text) content.views.emplace(key.Name(), *std::move(text));
  }
  return {};
}

Result<LakeContent> LookOnce(Lake& lake, const ContentSelection& selection) {
  LakeContent content;
  SMELT_ASSIGN(content.release, lake.releases().Newest());
  SMELT_ASSIGN(const std::vector<std::string> schemas, lake.Schemas());
  for (const std::string& schema : schemas) {
    if (selection.ContainsSchema(schema)) SMELT_TRY(AddSchema(lake, schema, selection, content));
  }
  for (const std::string& schema : selection.schemas()) {
    if (std::ranges::find(schemas, schema) != schemas.end()) continue;
    return Fail(ErrorCode::kUsage, fmt::format("there is no schema {} in {}", schema, lake.store().Address("")));
  }
  for (const RelationName& name : selection.named()) {
    if (content.tables.contains(name) || content.views.contains(name)) continue;
    return Fail(ErrorCode::kUsage,
                fmt::format("there is no table or view {} in {}", name.Text(), lake.store().Address("")));
  }
  return content;
}

}  // namespace

Result<ContentSelection> ContentSelection::Make(const std::vector<std::string>& schemas,
                                                const std::vector<std::string>& tables) {
  ContentSelection selection;
  selection.schemas_.insert(schemas.begin(), schemas.end());
  for (const std::string& table : tables) {
    const std::size_t dot = table.find('.');
    if (dot == std::string::npos || dot == 0 || dot + 1 == table.size()) {
      return Fail(Error(ErrorCode::kUsage, fmt::format("'{}' is no table of a schema", table))
                      .Hint("write it as schema.table, say gold.orders"));
    }
    selection.named_.insert({.schema = table.substr(0, dot), .name = table.substr(dot + 1)});
  }
  return selection;
}

bool ContentSelection::ContainsSchema(const std::string& schema) const {
  if (schemas_.empty() && named_.empty()) return std::ranges::find(kOperational, schema) == kOperational.end();
  return schemas_.contains(schema) ||
         std::ranges::any_of(named_, [&](const auto& name) { return name.schema == schema; });
}

bool ContentSelection::Contains(const RelationName& name) const {
  if (named_.contains(name) || schemas_.contains(name.schema)) return true;
  return schemas_.empty() && named_.empty() && ContainsSchema(name.schema);
}

Result<LakeContent> LookAtLake(Lake& lake, const ContentSelection& selection, const std::stop_token& stop) {
  SMELT_ASSIGN(LakeContent before, LookOnce(lake, selection));
  for (int look = 1; look < kLooksMax; ++look) {
    SMELT_ASSIGN(LakeContent now, LookOnce(lake, selection));
    if (IsAlike(before, now)) return now;
    before = std::move(now);
    if (!SleepFor(kLookPauseMs, stop)) return Fail(ErrorCode::kCancelled, "the promotion was interrupted");
  }
  return Fail(Error(ErrorCode::kDeltaConflict,
                    fmt::format("the tables of {} change faster than they can be looked at", lake.store().Address("")))
                  .Hint("run it again when nothing writes there"));
}

}  // namespace smelt::engine
