#include "delta/row_tracking.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/id.h"
#include "base/json.h"
#include "delta/features.h"
#include "delta/internal/row_ids.h"
#include "delta/internal/table_properties.h"
#include "delta/statistics.h"

namespace smelt::delta {
namespace {

constexpr const char* kIdColumnProperty = "delta.rowTracking.materializedRowIdColumnName";
constexpr const char* kVersionColumnProperty = "delta.rowTracking.materializedRowCommitVersionColumnName";
constexpr const char* kHighWaterMark = "rowIdHighWaterMark";

bool IsEnabled(const Protocol& protocol, const Metadata& metadata) {
  return HasFeature(protocol, "rowTracking") && PropertyIsTrue(metadata, "delta.enableRowTracking");
}

}  // namespace

bool AssignsRowIds(const Protocol& protocol, const Metadata& metadata) {
  return HasFeature(protocol, "rowTracking") && !PropertyIsTrue(metadata, "delta.rowTrackingSuspended");
}

std::optional<RowTrackingColumns> RowTrackingOf(const Protocol& protocol, const Metadata& metadata) {
  if (!IsEnabled(protocol, metadata)) return std::nullopt;
  const auto id = metadata.configuration.find(kIdColumnProperty);
  const auto version = metadata.configuration.find(kVersionColumnProperty);
  if (id == metadata.configuration.end() || version == metadata.configuration.end()) return std::nullopt;
  return RowTrackingColumns{id->second, version->second};
}

void EnableRowTracking(Protocol& protocol, Metadata& metadata) {
  EnableFeature(protocol, "rowTracking");
  EnableFeature(protocol, "domainMetadata");
  metadata.configuration["delta.enableRowTracking"] = "true";
  // Once given, the names stay: files have them.
  metadata.configuration.try_emplace(kIdColumnProperty, "_row-id-col-" + NewUuid());
  metadata.configuration.try_emplace(kVersionColumnProperty, "_row-commit-version-col-" + NewUuid());
}

Result<std::int64_t> RowIdHighWaterMark(const DomainMetadata* domain) {
  if (domain == nullptr || domain->removed) return -1;
  const Json json = JsonOrDiscarded(domain->configuration);
  const auto mark = json.is_object() ? json.find(kHighWaterMark) : json.end();
  if (json.is_object() && mark != json.end() && mark->is_number_integer()) return mark->get<std::int64_t>();
  return Fail(ErrorCode::kDeltaCorrupt,
              fmt::format("the metadata domain {} does not say how far row ids were given out", kRowTrackingDomain));
}

void AddFilesWithoutRowIds(Proposal& proposal, const Protocol& protocol, const Metadata& metadata) {
  if (!proposal.base || !IsEnabled(protocol, metadata)) return;
  if (IsEnabled(proposal.base->protocol(), proposal.base->metadata())) return;
  std::vector<std::string> touched;
  for (const Add& add : proposal.adds) touched.push_back(add.path);
  for (const Remove& remove : proposal.removes) touched.push_back(remove.path);
  std::ranges::sort(touched);
  for (const auto& file : proposal.base->files()) {
    const bool has_ids = file->base_row_id && file->default_row_commit_version;
    if (has_ids || std::ranges::binary_search(touched, file->path)) continue;
    proposal.adds.push_back(*file);
    proposal.adds.back().data_change = false;
  }
  // What others add meanwhile would be without ids.
  proposal.reads.whole_table = true;
}

Status CheckRowsAreCounted(const Proposal& proposal) {
  for (const Add& add : proposal.adds) {
    if (add.base_row_id || add.stats.rows()) continue;
    return Fail(
        ErrorCode::kDeltaInvalidTable,
        fmt::format("the file '{}' cannot be given row ids: its statistics do not say how many rows it has", add.path));
  }
  return {};
}

RowIdAssigner::RowIdAssigner(const Proposal& proposal) {
  for (std::size_t i = 0; i < proposal.adds.size(); ++i) {
    if (!proposal.adds[i].base_row_id) without_id_.push_back(i);
    if (!proposal.adds[i].default_row_commit_version) without_version_.push_back(i);
  }
}

std::optional<DomainMetadata> RowIdAssigner::Assign(Proposal& proposal, std::int64_t high_water_mark,
                                                    Version version) const {
  const std::int64_t before = high_water_mark;
  std::size_t next = 0;
  for (std::size_t i = 0; i < proposal.adds.size(); ++i) {
    const bool lacks_id = next < without_id_.size() && without_id_[next] == i;
    if (lacks_id) {
      ++next;
      continue;
    }
    // Files that come from elsewhere bring their ids with them.
    const Add& add = proposal.adds[i];
    high_water_mark = std::max(high_water_mark, *add.base_row_id + add.stats.rows().value_or(0) - 1);
  }
  for (const std::size_t i : without_id_) {
    proposal.adds[i].base_row_id = high_water_mark + 1;
    high_water_mark += proposal.adds[i].stats.rows().value_or(0);
  }
  for (const std::size_t i : without_version_) proposal.adds[i].default_row_commit_version = version.value;
  if (high_water_mark == before) return std::nullopt;
  return DomainMetadata{kRowTrackingDomain, JsonText(Json{{kHighWaterMark, high_water_mark}}), false};
}

}  // namespace smelt::delta
