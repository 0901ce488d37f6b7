#include "delta/internal/commit_draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/clock.h"
#include "base/version.h"
#include "delta/change_feed.h"
#include "delta/column_mapping.h"
#include "delta/features.h"
#include "delta/internal/row_ids.h"
#include "delta/internal/table_properties.h"
#include "delta/schema.h"

namespace smelt::delta {
namespace {

constexpr const char* kTimestamp = "timestamp";
constexpr const char* kInCommitTimestamp = "inCommitTimestamp";

/// Whether two of the items share the key that reconciles them, which one commit must not contain.
template <typename T>
bool HasDuplicates(const std::vector<T>& items, std::string T::*key) {
  std::unordered_set<std::string_view> seen;
  return !std::ranges::all_of(items, [&](const T& item) { return seen.insert(item.*key).second; });
}

bool HasColumnOfType(const std::vector<Field>& fields, std::string_view primitive) {
  const auto holds = [primitive](const auto& self, const DataType& type) -> bool {
    return type.is_primitive(primitive) || HasColumnOfType(type.fields, primitive) ||
           (type.element && self(self, *type.element)) || (type.key && self(self, *type.key));
  };
  return std::ranges::any_of(fields, [&holds](const Field& field) { return holds(holds, field.type); });
}

/// Checks that a table leaves the change feed's own columns to it.
Status CheckFeedColumns(const Schema& schema) {
  for (const char* column : {kChangeTypeColumn, kCommitVersionColumn, kCommitTimestampColumn}) {
    if (schema.Find(column) == nullptr) continue;
    return Fail(Error(ErrorCode::kDeltaInvalidTable,
                      fmt::format("a table with a change data feed cannot have a column '{}' of its own", column))
                    .Hint("give the column another name, or leave delta.enableChangeDataFeed off"));
  }
  return {};
}

/// Checks that a new definition of the table keeps the protocol.
Status CheckDefinition(const Protocol& protocol, const Metadata& metadata) {
  SMELT_ASSIGN(const Schema schema, ParseSchema(metadata.schema_string));
  if (HasColumnOfType(schema.fields, "timestamp_ntz") && !HasFeature(protocol, "timestampNtz")) {
    return Fail(ErrorCode::kDeltaInvalidTable,
                "a column of type timestamp_ntz needs the feature timestampNtz in the table's protocol");
  }
  if (WritesChangeData(protocol, metadata)) SMELT_TRY(CheckFeedColumns(schema));
  SMELT_TRY(CheckColumnMapping(protocol, metadata, schema));
  for (const std::string& column : metadata.partition_columns) {
    if (schema.Find(column) == nullptr) {
      return Fail(ErrorCode::kDeltaInvalidTable,
                  fmt::format("the partition column '{}' is not a column of the table", column));
    }
  }
  return {};
}

/// Checks that every added file says to which partition it belongs.
Status CheckPartitionValues(const std::vector<Add>& adds, const Protocol& protocol, const Metadata& metadata) {
  if (adds.empty()) return {};
  SMELT_ASSIGN(const std::vector<std::string> keys, PartitionKeys(protocol, metadata));
  for (const Add& add : adds) {
    const bool fits =
        add.partition_values.size() == keys.size() &&
        std::ranges::all_of(keys, [&](const std::string& key) { return add.partition_values.contains(key); });
    if (!fits) {
      return Fail(ErrorCode::kInternal,
                  fmt::format("the file '{}' does not have a value for each partition column", add.path));
    }
  }
  return {};
}

/// Delta's commitInfo holds texts; what is none is written as JSON text.
Json AsTexts(const Json& values) {
  Json texts = Json::object();
  for (const auto& [key, value] : values.items()) {
    if (value.is_string() || value.is_null()) {
      texts[key] = value;
    } else {
      texts[key] = JsonText(value);
    }
  }
  return texts;
}

/// Whether the proposal only adds and looked at nothing: it stays valid whatever others do to the rows.
bool IsBlindAppend(const Proposal& proposal) {
  const ReadSet& reads = proposal.reads;
  return proposal.removes.empty() && !reads.whole_table && reads.files.empty() && !reads.may_match;
}

Json InfoOf(const Proposal& proposal, const std::string& txn_id) {
  Json info = Json::object();
  info["operation"] = proposal.operation;
  info["operationParameters"] = AsTexts(proposal.operation_parameters);
  if (proposal.base) info["readVersion"] = proposal.base->version().value;
  info["isolationLevel"] = IsolationLevel(MetadataAfter(proposal));
  info["isBlindAppend"] = IsBlindAppend(proposal);
  info["operationMetrics"] = AsTexts(proposal.operation_metrics);
  info["engineInfo"] = fmt::format("smelt/{}", kSmeltVersion);
  info["txnId"] = txn_id;
  if (RowTrackingOf(ProtocolAfter(proposal), MetadataAfter(proposal))) {
    info["tags"] = {{"delta.rowTracking.preserved", "true"}};
  }
  for (const auto& [key, value] : proposal.info.items()) {
    if (!info.contains(key) && key != kTimestamp && key != kInCommitTimestamp) info[key] = value;
  }
  return info;
}

template <typename T>
void AppendAll(const std::vector<T>& actions, std::string& out) {
  for (const T& action : actions) AppendAction(action, out);
}

}  // namespace

const Protocol& ProtocolAfter(const Proposal& proposal) {
  return proposal.protocol ? *proposal.protocol : proposal.base->protocol();
}

const Metadata& MetadataAfter(const Proposal& proposal) {
  return proposal.metadata ? *proposal.metadata : proposal.base->metadata();
}

bool IsEmpty(const Proposal& proposal) {
  return !proposal.protocol && !proposal.metadata && proposal.adds.empty() && proposal.removes.empty() &&
         proposal.cdc.empty() && proposal.txns.empty() && proposal.domains.empty();
}

/// Whether the table that is there may be written to. That it keeps variants whole hinders nobody who changes that.
Status CheckBase(const Snapshot& base, bool shreds_variants) {
  if (!shreds_variants || ShredsVariants(base.protocol(), base.metadata())) {
    return CheckWritable(base.protocol(), base.metadata());
  }
  Protocol protocol = base.protocol();
  Metadata metadata = base.metadata();
  EnableVariantShredding(protocol);
  metadata.configuration[kEnableVariantShreddingProperty] = "true";
  return CheckWritable(protocol, metadata);
}

Status CheckProposal(const Proposal& proposal) {
  const Protocol& protocol = ProtocolAfter(proposal);
  const Metadata& metadata = MetadataAfter(proposal);
  if (proposal.base) SMELT_TRY(CheckBase(*proposal.base, ShredsVariants(protocol, metadata)));
  SMELT_TRY(CheckWritable(protocol, metadata));
  if (proposal.metadata) SMELT_TRY(CheckDefinition(protocol, metadata));
  SMELT_TRY(CheckPartitionValues(proposal.adds, protocol, metadata));
  if (IsAppendOnly(protocol, metadata) && std::ranges::any_of(proposal.removes, &Remove::data_change)) {
    return Fail(Error(ErrorCode::kDeltaAppendOnly,
                      fmt::format("{} would change or delete rows of an append-only table", proposal.operation))
                    .Hint(fmt::format("set the table property {} to false to allow it", kAppendOnlyProperty)));
  }
  if (!proposal.domains.empty() && !HasFeature(protocol, "domainMetadata")) {
    return Fail(ErrorCode::kDeltaUnsupported, "the table's protocol lacks the feature domainMetadata");
  }
  if (AssignsRowIds(protocol, metadata)) {
    if (!HasFeature(protocol, "domainMetadata")) {
      return Fail(ErrorCode::kDeltaInvalidTable,
                  "row tracking needs the feature domainMetadata in the table's protocol");
    }
    SMELT_TRY(CheckRowsAreCounted(proposal));
  }
  if (HasDuplicates(proposal.adds, &Add::path) || HasDuplicates(proposal.removes, &Remove::path) ||
      HasDuplicates(proposal.txns, &Txn::app_id) || HasDuplicates(proposal.domains, &DomainMetadata::domain)) {
    return Fail(ErrorCode::kInternal, "a commit would contain two actions on the same file, application or domain");
  }
  return {};
}

CommitDraft::CommitDraft(const Proposal& proposal, std::string txn_id)
    : proposal_(proposal),
      txn_id_(std::move(txn_id)),
      has_in_commit_timestamps_(HasInCommitTimestamps(ProtocolAfter(proposal), MetadataAfter(proposal))),
      enables_in_commit_timestamps_(has_in_commit_timestamps_ && proposal.base &&
                                    !HasInCommitTimestamps(proposal.base->protocol(), proposal.base->metadata())),
      info_(InfoOf(proposal, txn_id_)) {
  RenderActions(std::nullopt);
}

void CommitDraft::RenderActions(const std::optional<DomainMetadata>& row_tracking) {
  body_.clear();
  if (proposal_.protocol) AppendAction(*proposal_.protocol, body_);
  AppendAll(proposal_.txns, body_);
  AppendAll(proposal_.domains, body_);
  if (row_tracking) AppendAction(*row_tracking, body_);
  AppendAll(proposal_.removes, body_);
  AppendAll(proposal_.adds, body_);
  AppendAll(proposal_.cdc, body_);
}

CommitText CommitDraft::Render(Version version, std::int64_t previous_ms) const {
  CommitText commit;
  commit.timestamp_ms = NowMillis();
  CommitInfo info;
  info.fields[kTimestamp] = commit.timestamp_ms;
  if (has_in_commit_timestamps_) {
    commit.timestamp_ms = std::max(commit.timestamp_ms, previous_ms + 1);
    info.fields[kInCommitTimestamp] = commit.timestamp_ms;
  }
  info.fields.update(info_);
  AppendAction(info, commit.text);
  if (const auto metadata = RenderedMetadata(version, commit.timestamp_ms)) AppendAction(*metadata, commit.text);
  commit.text += body_;
  return commit;
}

std::optional<Metadata> CommitDraft::RenderedMetadata(Version version, std::int64_t timestamp_ms) const {
  std::optional<Metadata> metadata = proposal_.metadata;
  if (enables_in_commit_timestamps_) {
    if (!metadata) metadata = MetadataAfter(proposal_);
    metadata->configuration[std::string(kInCommitTimestampVersionProperty)] = std::to_string(version.value);
    metadata->configuration[std::string(kInCommitTimestampTimeProperty)] = std::to_string(timestamp_ms);
  }
  return metadata;
}

}  // namespace smelt::delta
