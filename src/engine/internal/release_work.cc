#include "engine/internal/release_work.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/parallel.h"
#include "delta/transaction.h"
#include "engine/internal/lake_content.h"

namespace smelt::engine {
namespace {

constexpr std::size_t kCommitsMax = 4;

/// The names of which a release says what readers see.
std::set<RelationName> NamesOf(const Release& release) {
  std::set<RelationName> names = release.hidden;
  for (const auto& [name, table] : release.tables) names.insert(name);
  for (const auto& [name, text] : release.views) names.insert(name);
  return names;
}

}  // namespace

bool ChangesTable(const delta::Proposal& proposal) {
  return proposal.protocol || proposal.metadata || !proposal.adds.empty() || !proposal.removes.empty() ||
         !proposal.txns.empty() || !proposal.domains.empty();
}

std::int64_t ReleaseWork::before() const {
  if (current_->kind != ReleaseKind::kHold) return current_->number;
  return current_->before == 0 ? current_->number : current_->before;
}

Status ReleaseWork::Hold(const Release& next, const std::stop_token& stop) {
  std::vector<std::string> fresh;
  std::set<RelationName> absent;
  for (const RelationName& name : NamesOf(next)) {
    if (current_->Owns(name)) continue;
    fresh.push_back(name.Text());
    absent.insert(name);
  }
  if (fresh.empty()) return {};
  Release hold = *current_;
  hold.kind = ReleaseKind::kHold;
  hold.before = current_->number;
  hold.restores = 0;
  hold.note = Json::object();
  if (current_->number == 0) hold.source = next.source;
  // What is there of them, if anything is. A name that is nowhere is no mistake here.
  std::vector<std::string> present;
  for (const RelationName& name : absent) {
    const TableKey key{name.schema, name.name};
    SMELT_ASSIGN(const TableStatePtr state, lake_.Latest(key));
    SMELT_ASSIGN(const auto view, lake_.ReadView(key));
    if (state || view) present.push_back(name.Text());
  }
  if (!present.empty()) {
    SMELT_ASSIGN(const ContentSelection selection, ContentSelection::Make({}, present));
    SMELT_ASSIGN(const LakeContent content, LookAtLake(lake_, selection, stop));
    for (const auto& [name, state] : content.tables) {
      hold.tables[name] = {.table_id = state->metadata.id,
                           .version = state->snapshot->version().value,
                           .source_table_id = "",
                           .source_version = -1};
      absent.erase(name);
    }
    for (const auto& [name, text] : content.views) {
      hold.views[name] = text;
      absent.erase(name);
    }
  }
  hold.hidden.insert(absent.begin(), absent.end());
  SMELT_ASSIGN(current_, lake_.releases().Publish(current_->number, std::move(hold)));
  return {};
}

Status ReleaseWork::Commit(TableWorkOfRelease& table) const {
  if (!table.plan.vectors.empty()) SMELT_TRY(lake_.store().Sync(table.plan.vectors));
  auto committed = delta::Commit(lake_.LogOf(table.key.Folder()), std::move(table.plan.proposal));
  if (!committed) return Fail(std::move(committed.error()).Context(table.key.Text()));
  if (!lake_.Remember(table.key, committed->snapshot)) lake_.Forget(table.key);
  table.entry.version = committed->version.value;
  table.entry.table_id = committed->snapshot->metadata().id;
  table.change.version = table.entry.version;
  return {};
}

void ReleaseWork::WriteViews(const Release& release) const {
  for (const auto& [name, text] : release.views) {
    const TableKey key{name.schema, name.name};
    const auto present = lake_.ReadView(key);
    if (present && *present == text) continue;
    const Status written = lake_.WriteView(key, text);
    if (!written) {
      Log(LogLevel::kWarn, "release.view.failed", {{"view", name.Text()}, {"error", written.error().ToString()}});
    }
  }
}

Result<ReleasePtr> ReleaseWork::Run(std::vector<TableWorkOfRelease>& tables, Release next,
                                    const std::function<void(const std::string&)>& on_commit,
                                    const std::stop_token& stop) {
  std::mutex telling;
  SMELT_TRY(ForEachParallel(tables.size(), kCommitsMax, [&](std::size_t i) -> Status {
    if (!tables[i].commits) return {};
    if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "interrupted before the release was made");
    SMELT_TRY(Commit(tables[i]));
    const std::lock_guard guard(telling);
    if (on_commit) on_commit(tables[i].key.Text());
    return {};
  }));
  for (const TableWorkOfRelease& table : tables) next.tables[table.key.Name()] = table.entry;
  std::set<std::string> schemas;
  for (const auto& [name, text] : next.views) schemas.insert(name.schema);
  for (const std::string& schema : schemas) {
    SMELT_ASSIGN(const bool exists, lake_.HasSchema(schema));
    if (!exists) SMELT_TRY(lake_.MakeSchema(schema));
  }
  SMELT_ASSIGN(const ReleasePtr published, lake_.releases().Publish(current_->number, std::move(next)));
  WriteViews(*published);
  return published;
}

}  // namespace smelt::engine
