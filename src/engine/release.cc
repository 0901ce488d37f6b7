#include "engine/release.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/parallel.h"
#include "delta/restore_plan.h"
#include "engine/internal/engine_impl.h"
#include "engine/internal/file_transfer.h"
#include "engine/internal/lake_content.h"
#include "engine/internal/release_work.h"

namespace smelt::engine {
namespace {

constexpr std::size_t kPlansMax = 8;

/// What the commit of a table does, for people.
void DescribeChange(TableWorkOfRelease& table) {
  const delta::Proposal& proposal = table.plan.proposal;
  ReleaseChange& change = table.change;
  change.name = table.key.Name();
  change.version = table.entry.version;
  change.source_version = table.entry.source_version;
  change.files_added = std::ssize(proposal.adds);
  change.files_removed = std::ssize(proposal.removes);
  for (const delta::Add& add : proposal.adds) change.bytes_added += add.size_bytes;
}

/// What is between the release that readers saw and the next one.
std::vector<ReleaseChange> ChangesBetween(const Release& before, const Release& next,
                                          const std::vector<TableWorkOfRelease>& tables) {
  std::map<RelationName, ReleaseChange> changes;
  for (const TableWorkOfRelease& table : tables) {
    ReleaseChange& change = changes[table.key.Name()] = table.change;
    const auto known = before.tables.find(table.key.Name());
    change.change = known == before.tables.end() ? "new" : "unchanged";
    if (known != before.tables.end() && (table.commits || known->second.version != table.entry.version)) {
      change.change = "changed";
    }
  }
  for (const auto& [name, text] : next.views) {
    const auto known = before.views.find(name);
    const char* what = known == before.views.end() ? "new" : known->second == text ? "unchanged" : "changed";
    changes[name] = {.name = name, .change = what, .is_view = true};
  }
  for (const auto& [name, table] : before.tables) {
    if (!next.tables.contains(name) && !next.views.contains(name)) changes[name] = {.name = name, .change = "gone"};
  }
  for (const auto& [name, text] : before.views) {
    if (next.tables.contains(name) || next.views.contains(name)) continue;
    changes[name] = {.name = name, .change = "gone", .is_view = true};
  }
  std::vector<ReleaseChange> list;
  for (auto& [name, change] : changes) list.push_back(std::move(change));
  return list;
}

/// One promotion. Confined to one thread.
class Promotion {
 public:
  Promotion(Lake& source, Lake& target, const PromotionOrder& order)
      : source_(source), target_(target), order_(order), transfer_(source, target) {}

  Result<ReleaseReport> Run() {
    if (source_.store().Address("") == target_.store().Address("")) {
      return Fail(ErrorCode::kUsage, "a lake cannot be promoted into itself");
    }
    SMELT_ASSIGN(const ContentSelection selection, ContentSelection::Make(order_.schemas, order_.tables));
    SMELT_ASSIGN(const LakeContent content, LookAtLake(source_, selection, order_.stop));
    SMELT_ASSIGN(ReleasePtr current, target_.releases().Newest());
    ReleaseWork work(target_, current);
    SMELT_TRY(PlanTables(content, *current));
    Release next = Compose(content, selection, *current);
    ReleaseReport report;
    report.release = current;
    const bool commits = std::ranges::any_of(tables_, &TableWorkOfRelease::commits);
    const bool is_same = !commits && next.tables == current->tables && next.views == current->views &&
                         next.hidden == current->hidden && current->kind != ReleaseKind::kHold;
    report.changes = ChangesBetween(*current, next, tables_);
    if (order_.dry_run || is_same) return report;
    next.before = work.before();
    SMELT_TRY(work.Hold(next, order_.stop));
    if (next.before == 0) next.before = work.current()->number;
    std::vector<delta::FileCopy> files;
    for (const TableWorkOfRelease& table : tables_) {
      files.insert(files.end(), table.plan.copies.begin(), table.plan.copies.end());
    }
    SMELT_TRY(transfer_.Bring(files, order_.stop));
    SMELT_ASSIGN(report.release, work.Run(tables_, next, order_.on_commit, order_.stop));
    report.published = true;
    report.changes = ChangesBetween(*current, *report.release, tables_);
    report.files_linked = transfer_.linked();
    report.files_copied = transfer_.copied();
    report.bytes_copied = transfer_.bytes_copied();
    return report;
  }

 private:
  Status PlanTables(const LakeContent& content, const Release& current) {
    std::vector<const TableState*> states;
    for (const auto& [name, state] : content.tables) {
      tables_.emplace_back().key = {name.schema, name.name};
      states.push_back(state.get());
    }
    return ForEachParallel(tables_.size(), kPlansMax,
                           [&](std::size_t i) { return PlanTable(*states[i], current, tables_[i]); });
  }

  Status PlanTable(const TableState& state, const Release& current, TableWorkOfRelease& table) const {
    const RelationName name = table.key.Name();
    SMELT_ASSIGN(const TableStatePtr head, target_.Latest(table.key));
    const delta::SnapshotPtr present = head ? head->snapshot : nullptr;
    const auto known = current.tables.find(name);
    const bool is_promoted = known != current.tables.end() && known->second.source_table_id == state.metadata.id &&
                             known->second.source_version == state.snapshot->version().value;
    if (is_promoted && head) {
      // Its newest state may be another one: of a promotion that did not come to its end.
      SMELT_ASSIGN(const TableStatePtr released, target_.Seen(table.key, current));
      const bool is_head = released->snapshot->version() == present->version();
      if (is_head || (released->metadata == head->metadata && delta::HaveSameFiles(*released->snapshot, *present))) {
        table.entry = known->second;
        DescribeChange(table);
        return {};
      }
    }
    auto plan = delta::PlanPromotion(source_.LogOf(table.key.Folder()), *state.snapshot,
                                     target_.LogOf(table.key.Folder()), present);
    if (!plan) return Fail(std::move(plan.error()).Context(name.Text()));
    table.plan = *std::move(plan);
    // What readers see until the swap may be older than all that the log would keep.
    table.plan.proposal.keeps_log =
        known != current.tables.end() && present && known->second.version != present->version().value;
    table.commits = !present || ChangesTable(table.plan.proposal);
    table.entry = {.table_id = present ? present->metadata().id : std::string(),
                   .version = present ? present->version().value : -1,
                   .source_table_id = state.metadata.id,
                   .source_version = state.snapshot->version().value};
    DescribeChange(table);
    return {};
  }

  /// The next release: what was selected as it is at the source, all else as it was.
  Release Compose(const LakeContent& content, const ContentSelection& selection, const Release& current) const {
    Release next;
    next.kind = ReleaseKind::kPromotion;
    next.source = source_.store().Address("");
    if (next.source.size() > 1 && next.source.ends_with('/')) next.source.pop_back();
    next.note = order_.note;
    next.hidden = current.hidden;
    for (const auto& [name, table] : current.tables) {
      if (!selection.Contains(name)) next.tables[name] = table;
    }
    for (const auto& [name, text] : current.views) {
      if (!selection.Contains(name)) next.views[name] = text;
    }
    for (const TableWorkOfRelease& table : tables_) next.tables[table.key.Name()] = table.entry;
    for (const auto& [name, text] : content.views) next.views[name] = text;
    // What left the release is not there for its readers, however long its files are.
    const auto hide = [&next](const RelationName& name) {
      if (!next.tables.contains(name) && !next.views.contains(name)) next.hidden.insert(name);
    };
    for (const auto& [name, table] : current.tables) hide(name);
    for (const auto& [name, text] : current.views) hide(name);
    std::erase_if(next.hidden, [&next](const RelationName& name) {
      return next.tables.contains(name) || next.views.contains(name);
    });
    return next;
  }

  Lake& source_;
  Lake& target_;
  const PromotionOrder& order_;
  FileTransfer transfer_;
  std::vector<TableWorkOfRelease> tables_;
};

/// What becomes of tables that take appends only, and whose newest states have rows that are to go.
enum class LaterRows {
  kStay,    ///< in the log; the release does not show them
  kRefuse,  ///< kDeltaAppendOnly
};

/// Plans what brings the tables of a release back as their newest states.
Result<std::vector<TableWorkOfRelease>> PlanReturn(Lake& lake, const Release& wanted, LaterRows later_rows) {
  std::vector<TableWorkOfRelease> tables;
  for (const auto& [name, entry] : wanted.tables) {
    TableWorkOfRelease table;
    table.key = {name.schema, name.name};
    table.entry = entry;
    SMELT_ASSIGN(const TableStatePtr released, lake.Seen(table.key, wanted));
    SMELT_ASSIGN(const TableStatePtr head, lake.Latest(table.key));
    SMELT_ASSERT(released != nullptr);
    if (head && head->snapshot->version() != released->snapshot->version()) {
      auto plan = delta::PlanRestore(lake.LogOf(table.key.Folder()), head->snapshot, *released->snapshot);
      if (!plan) return Fail(std::move(plan.error()).Context(name.Text()));
      table.change.log_is_ahead = delta::TakesRowsOfAppendOnly(*plan);
      if (table.change.log_is_ahead && later_rows == LaterRows::kRefuse) {
        return Fail(Error(ErrorCode::kDeltaAppendOnly,
                          fmt::format("{} takes appends only, and its log has rows that the release does not show",
                                      name.Text()))
                        .Hint("promote first, so that the release is the newest state of every table"));
      }
      if (!table.change.log_is_ahead) {
        table.plan.proposal = *std::move(plan);
        table.commits = ChangesTable(table.plan.proposal);
        // The newest state is the same one by another number: that one is kept longest.
        if (!table.commits) table.entry.version = head->snapshot->version().value;
      }
    }
    DescribeChange(table);
    tables.push_back(std::move(table));
  }
  return tables;
}

/// The release whose state a release has.
Result<ReleasePtr> StateOf(Lake& lake, ReleasePtr release) {
  while (release->kind == ReleaseKind::kRollback) {
    SMELT_ASSIGN(release, lake.releases().Read(release->restores));
  }
  return release;
}

Result<ReleasePtr> FindRelease(Lake& lake, const Release& current, std::optional<std::int64_t> to) {
  if (current.number == 0) return Fail(ErrorCode::kUsage, "the lake has no releases");
  if (!to) {
    SMELT_ASSIGN(const ReleasePtr state, StateOf(lake, std::make_shared<const Release>(current)));
    to = state->before;
    if (*to < 1) {
      return Fail(Error(ErrorCode::kUsage, fmt::format("there is no release before {}", state->number))
                      .Hint("`smelt release list` shows those that there are; --to names one"));
    }
  }
  auto found = lake.releases().Read(*to);
  if (found || found.error().code() != ErrorCode::kStoreNotFound) return found;
  return Fail(
      Error(ErrorCode::kUsage, fmt::format("there is no release {}", *to))
          .Hint(fmt::format("releases have numbers from 1 to {}; `smelt release list` shows them", current.number)));
}

}  // namespace

Result<ReleasePtr> Releases::Current() const {
  return engine_.impl_->lake->releases().Current();
}

Result<std::vector<ReleasePtr>> Releases::List() const {
  ReleaseLog& log = engine_.impl_->lake->releases();
  SMELT_ASSIGN(std::vector<std::int64_t> numbers, log.Numbers());
  std::ranges::reverse(numbers);
  std::vector<ReleasePtr> releases;
  for (const std::int64_t number : numbers) {
    SMELT_ASSIGN(ReleasePtr release, log.Read(number));
    releases.push_back(std::move(release));
  }
  return releases;
}

Result<ReleaseReport> Releases::Promote(Engine& source, const PromotionOrder& order) const {
  return Promotion(*source.impl_->lake, *engine_.impl_->lake, order).Run();
}

Result<ReleaseReport> Releases::RollBack(std::optional<std::int64_t> to, Json note) const {
  Lake& lake = *engine_.impl_->lake;
  SMELT_ASSIGN(const ReleasePtr current, lake.releases().Newest());
  SMELT_ASSIGN(const ReleasePtr named, FindRelease(lake, *current, to));
  SMELT_ASSIGN(const ReleasePtr wanted, StateOf(lake, named));
  SMELT_ASSIGN(std::vector<TableWorkOfRelease> tables, PlanReturn(lake, *wanted, LaterRows::kStay));
  Release next = *wanted;
  next.kind = ReleaseKind::kRollback;
  next.restores = wanted->number;
  next.before = current->number;
  next.note = std::move(note);
  next.hidden.insert(current->hidden.begin(), current->hidden.end());
  for (const auto& [name, table] : current->tables) next.hidden.insert(name);
  for (const auto& [name, text] : current->views) next.hidden.insert(name);
  std::erase_if(next.hidden,
                [&next](const RelationName& name) { return next.tables.contains(name) || next.views.contains(name); });
  ReleaseWork work(lake, current);
  SMELT_TRY(work.Hold(next, {}));
  ReleaseReport report;
  SMELT_ASSIGN(report.release, work.Run(tables, std::move(next), nullptr, {}));
  report.published = true;
  report.changes = ChangesBetween(*current, *report.release, tables);
  return report;
}

Result<ReleaseReport> Releases::End(Json note) const {
  Lake& lake = *engine_.impl_->lake;
  SMELT_ASSIGN(const ReleasePtr current, lake.releases().Newest());
  ReleaseReport report;
  report.release = current;
  if (current->tables.empty() && current->views.empty() && current->hidden.empty()) return report;
  SMELT_ASSIGN(std::vector<TableWorkOfRelease> tables, PlanReturn(lake, *current, LaterRows::kRefuse));
  ReleaseWork work(lake, current);
  // All tables as they are seen, as one more release; then the end of them.
  Release settled = *current;
  settled.kind = ReleaseKind::kHold;
  settled.before = work.before();
  SMELT_ASSIGN(const ReleasePtr held, work.Run(tables, std::move(settled), nullptr, {}));
  report.changes = ChangesBetween(*current, *held, tables);
  Release off;
  off.kind = ReleaseKind::kOff;
  off.before = current->number;
  off.note = std::move(note);
  SMELT_ASSIGN(report.release, lake.releases().Publish(held->number, std::move(off)));
  report.published = true;
  return report;
}

}  // namespace smelt::engine
