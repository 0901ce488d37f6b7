#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "delta/internal/replay.h"
#include "delta/internal/table_properties.h"
#include "delta/transaction.h"

namespace smelt::delta {
namespace {

/// A competitor's commit, as the rules see it.
struct Winner {
  bool changes_protocol = false;
  bool changes_metadata = false;
  bool is_blind_append = false;
  std::vector<const Add*> new_files;      ///< with new rows
  std::vector<const Remove*> gone_files;  ///< whatever the reason
  std::vector<const Txn*> txns;
  std::vector<const DomainMetadata*> domains;
};

Winner Summarise(const std::vector<Action>& actions, const std::set<std::string>& settled) {
  Winner winner;
  for (const Action& action : actions) {
    if (const auto* add = std::get_if<Add>(&action)) {
      if (add->data_change && !settled.contains(add->path)) winner.new_files.push_back(add);
    } else if (const auto* remove = std::get_if<Remove>(&action)) {
      if (!settled.contains(remove->path)) winner.gone_files.push_back(remove);
    } else if (const auto* txn = std::get_if<Txn>(&action)) {
      winner.txns.push_back(txn);
    } else if (const auto* domain = std::get_if<DomainMetadata>(&action)) {
      winner.domains.push_back(domain);
    }
    winner.changes_protocol |= std::holds_alternative<Protocol>(action);
    winner.changes_metadata |= std::holds_alternative<Metadata>(action);
  }
  if (const Json* info = FindCommitInfo(actions)) {
    const auto flag = info->find("isBlindAppend");
    winner.is_blind_append = flag != info->end() && flag->is_boolean() && flag->get<bool>();
  }
  return winner;
}

std::optional<std::string> FindWholeTableConflict(const Proposal& proposal, const Winner& winner) {
  if (!proposal.reads.whole_table) return std::nullopt;
  const bool removes_rows = std::ranges::any_of(winner.gone_files, &Remove::data_change);
  if (winner.new_files.empty() && !removes_rows) return std::nullopt;
  return "it changed rows of the table, all of which were read";
}

/// Whether the table wants every transaction to be as if it had read and written at one moment.
bool IsSerializable(const Proposal& proposal) {
  return IsolationLevel(proposal.base->metadata()) == kSerializable;
}

std::optional<std::string> FindAppendConflict(const Proposal& proposal, const Winner& winner) {
  if (!proposal.reads.may_match) return std::nullopt;
  // WriteSerializable: a blind append may be taken to have happened afterwards, unless the table itself changed.
  if (winner.is_blind_append && !proposal.metadata && !IsSerializable(proposal)) return std::nullopt;
  const auto found =
      std::ranges::find_if(winner.new_files, [&](const Add* add) { return proposal.reads.may_match(*add); });
  if (found == winner.new_files.end()) return std::nullopt;
  return fmt::format("it added the file '{}', whose rows may match what was read", (*found)->path);
}

std::optional<std::string> FindDeleteConflict(const Proposal& proposal, const Winner& winner) {
  if (winner.gone_files.empty()) return std::nullopt;
  const std::unordered_set<std::string_view> read(proposal.reads.files.begin(), proposal.reads.files.end());
  std::unordered_set<std::string_view> removed;
  for (const Remove& remove : proposal.removes) removed.insert(remove.path);
  for (const Remove* gone : winner.gone_files) {
    const std::string_view what = gone->data_change ? "removed or changed" : "moved the rows of";
    if (removed.contains(gone->path)) return fmt::format("it {} the file '{}', too", what, gone->path);
    if (read.contains(gone->path)) return fmt::format("it {} the file '{}', which was read", what, gone->path);
  }
  return std::nullopt;
}

std::optional<std::string> FindMarkConflict(const Proposal& proposal, const Winner& winner) {
  for (const Txn* theirs : winner.txns) {
    if (std::ranges::find(proposal.txns, theirs->app_id, &Txn::app_id) != proposal.txns.end()) {
      return fmt::format("it moved the mark of the application '{}', too", theirs->app_id);
    }
  }
  for (const DomainMetadata* theirs : winner.domains) {
    if (std::ranges::find(proposal.domains, theirs->domain, &DomainMetadata::domain) != proposal.domains.end()) {
      return fmt::format("it changed the metadata domain '{}', too", theirs->domain);
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> FindConflict(const Proposal& proposal, const std::vector<Action>& winner,
                                        const std::set<std::string>& settled) {
  if (!proposal.base) return "it created the table";
  const Winner summary = Summarise(winner, settled);
  if (summary.changes_protocol) return "it changed the table's protocol";
  if (summary.changes_metadata) return "it changed the table's metadata";
  for (const auto rule : {FindMarkConflict, FindWholeTableConflict, FindDeleteConflict, FindAppendConflict}) {
    if (std::optional<std::string> reason = rule(proposal, summary)) return reason;
  }
  return std::nullopt;
}

}  // namespace smelt::delta
