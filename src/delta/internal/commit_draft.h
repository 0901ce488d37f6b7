#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "delta/transaction.h"

namespace smelt::delta {

/// The protocol and the metadata that the table will have after the proposal.
const Protocol& ProtocolAfter(const Proposal& proposal);
const Metadata& MetadataAfter(const Proposal& proposal);

/// Whether the proposal has no action at all.
bool IsEmpty(const Proposal& proposal);

/// Checks all that can be known before the first attempt.
/// Errors: kDeltaUnsupported, kDeltaAppendOnly, kDeltaInvalidTable, kInternal (actions that contradict each other).
Status CheckProposal(const Proposal& proposal);

/// The text of one attempt.
struct CommitText {
  std::string text;
  std::int64_t timestamp_ms = 0;  ///< the commit's time, as Snapshot::timestamp_ms
};

/// Turns a proposal into commit files, one per attempt; what attempts have in common is rendered once. The proposal
/// must outlive it. Confined to one thread.
class CommitDraft {
 public:
  CommitDraft(const Proposal& proposal, std::string txn_id);

  /// Renders the actions again, after the proposal's files were given row ids. `row_tracking` is one more action.
  void RenderActions(const std::optional<DomainMetadata>& row_tracking);
  /// The commit file of `version`, which follows a commit made at `previous_ms`.
  CommitText Render(Version version, std::int64_t previous_ms) const;
  /// The metaData action that Render wrote for that version and time, if any.
  std::optional<Metadata> RenderedMetadata(Version version, std::int64_t timestamp_ms) const;

  const std::string& txn_id() const { return txn_id_; }

 private:
  const Proposal& proposal_;
  std::string txn_id_;
  bool has_in_commit_timestamps_;      ///< after the commit
  bool enables_in_commit_timestamps_;  ///< by this commit, in a table that exists
  Json info_;                          ///< commitInfo but for the times
  std::string body_;                   ///< all actions but commitInfo and metaData
};

}  // namespace smelt::delta
