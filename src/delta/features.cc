#include "delta/features.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>

#include "delta/internal/table_properties.h"
#include "delta/schema.h"

namespace smelt::delta {
namespace {

constexpr int kReaderVersionMax = 3;  ///< from here on, reader features are listed by name
constexpr int kWriterVersionMax = 7;  ///< from here on, writer features are listed by name

// Writer-only features never stop a reader. The reference page docs/reference/delta-protocol.md follows this table.
constexpr std::array kFeatures = {
    // name, legacy reader version, legacy writer version, is a reader feature, can read, can write
    Feature{"appendOnly", 0, 2, false, true, true},
    Feature{"invariants", 0, 2, false, true, true},
    Feature{"checkConstraints", 0, 3, false, true, true},
    Feature{"changeDataFeed", 0, 4, false, true, true},
    Feature{"generatedColumns", 0, 4, false, true, true},
    Feature{"columnMapping", 2, 5, true, true, true},
    Feature{"identityColumns", 0, 6, false, true, true},
    Feature{"allowColumnDefaults", 0, 0, false, true, true},
    Feature{"catalogManaged", 0, 0, true, false, false},
    Feature{"catalogOwned-preview", 0, 0, true, false, false},
    Feature{"checkpointProtection", 0, 0, false, true, false},
    Feature{"clustering", 0, 0, false, true, true},
    Feature{"coordinatedCommits-preview", 0, 0, false, true, false},
    Feature{"deletionVectors", 0, 0, true, true, true},
    Feature{"domainMetadata", 0, 0, false, true, true},
    Feature{"geospatial", 0, 0, true, false, false},
    Feature{"icebergCompatV1", 0, 0, false, true, false},
    Feature{"icebergCompatV2", 0, 0, false, true, false},
    Feature{"icebergCompatV3", 0, 0, false, true, false},
    Feature{"icebergWriterCompatV1", 0, 0, false, true, false},
    Feature{"icebergWriterCompatV3", 0, 0, false, true, false},
    Feature{"inCommitTimestamp", 0, 0, false, true, true},
    Feature{"inCommitTimestamp-preview", 0, 0, false, true, true},
    Feature{"materializePartitionColumns", 0, 0, false, true, false},
    Feature{"redirectReaderWriter-preview", 0, 0, true, false, false},
    Feature{"redirectWriterOnly-preview", 0, 0, false, true, false},
    Feature{"rowTracking", 0, 0, false, true, true},
    Feature{"timestampNtz", 0, 0, true, true, true},
    Feature{"typeWidening", 0, 0, true, true, true},
    Feature{"typeWidening-preview", 0, 0, true, true, true},
    Feature{"v2Checkpoint", 0, 0, true, true, true},
    Feature{"vacuumProtocolCheck", 0, 0, true, true, true},
    Feature{"variantShredding", 0, 0, true, true, true},
    Feature{"variantShredding-preview", 0, 0, true, true, true},
    Feature{"variantType", 0, 0, true, true, false},  // but for tables that shred them
    Feature{"variantType-preview", 0, 0, true, true, false},
};

const Feature* FindFeature(std::string_view name) {
  const auto* found = std::ranges::find(kFeatures, name, &Feature::name);
  return found == kFeatures.end() ? nullptr : found;
}

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

void Insert(std::vector<std::string>& names, std::string_view name) {
  if (!Contains(names, name)) names.emplace_back(name);
}

bool IsImpliedForReaders(const Protocol& protocol, const Feature& feature) {
  return feature.legacy_reader_version > 0 && protocol.min_reader_version < kReaderVersionMax &&
         protocol.min_reader_version >= feature.legacy_reader_version;
}

bool IsImpliedForWriters(const Protocol& protocol, const Feature& feature) {
  return feature.legacy_writer_version > 0 && protocol.min_writer_version < kWriterVersionMax &&
         protocol.min_writer_version >= feature.legacy_writer_version;
}

/// Whether a column, nested ones included, has metadata under a key that starts with `prefix`.
bool HasColumnMetadata(const std::vector<Field>& fields, std::string_view prefix);

bool HasColumnMetadata(const DataType& type, std::string_view prefix) {
  return HasColumnMetadata(type.fields, prefix) || (type.element && HasColumnMetadata(*type.element, prefix)) ||
         (type.key && HasColumnMetadata(*type.key, prefix));
}

bool HasColumnMetadata(const std::vector<Field>& fields, std::string_view prefix) {
  return std::ranges::any_of(fields, [prefix](const Field& field) {
    return std::ranges::any_of(field.metadata.items(),
                               [prefix](const auto& item) { return item.key().starts_with(prefix); }) ||
           HasColumnMetadata(field.type, prefix);
  });
}

bool HasPropertyWithPrefix(const Metadata& metadata, const std::string& prefix) {
  const auto found = metadata.configuration.lower_bound(prefix);
  return found != metadata.configuration.end() && found->first.starts_with(prefix);
}

/// Whether the metadata makes use of a feature that the protocol allows ("Active Features"). Features whose demands on
/// writers do not depend on metadata are always in use.
bool IsActive(std::string_view feature, const Protocol& protocol, const Metadata& metadata,
              const std::vector<Field>& columns) {
  if (feature == "invariants") return HasColumnMetadata(columns, "delta.invariants");
  if (feature == "checkConstraints") return HasPropertyWithPrefix(metadata, "delta.constraints.");
  if (feature == "changeDataFeed") return PropertyIsTrue(metadata, "delta.enableChangeDataFeed");
  if (feature == "generatedColumns") return HasColumnMetadata(columns, "delta.generationExpression");
  if (feature == "identityColumns") return HasColumnMetadata(columns, "delta.identity.");
  if (feature == "allowColumnDefaults") return HasColumnMetadata(columns, "CURRENT_DEFAULT");
  if (feature == "icebergCompatV1") return PropertyIsTrue(metadata, "delta.enableIcebergCompatV1");
  if (feature == "icebergCompatV2") return PropertyIsTrue(metadata, "delta.enableIcebergCompatV2");
  if (feature == "icebergCompatV3") return PropertyIsTrue(metadata, "delta.enableIcebergCompatV3");
  // smelt's writer shreds variants, so that it has no use for a table with plain ones only.
  if (feature.starts_with("variantType")) {
    const auto has_variant = [](const Field& column) { return column.type.Uses("variant"); };
    return std::ranges::any_of(columns, has_variant) && !ShredsVariants(protocol, metadata);
  }
  if (feature == "columnMapping") {
    const auto mode = metadata.configuration.find("delta.columnMapping.mode");
    return mode != metadata.configuration.end() && mode->second != "none";
  }
  return true;
}

Status Refuse(std::string_view what, int version, int version_max, const std::vector<std::string>& features) {
  if (version > version_max) {
    return Fail(
        ErrorCode::kDeltaUnsupported,
        fmt::format("the table demands {} version {}; smelt knows versions up to {}", what, version, version_max));
  }
  if (features.empty()) return {};
  return Fail(ErrorCode::kDeltaUnsupported, fmt::format("the table uses features that smelt's {} does not support: {}",
                                                        what, fmt::join(features, ", ")));
}

Status CheckMappedFields(const std::vector<Field>& fields, ColumnMapping mapping);

Status CheckMappedType(const DataType& type, ColumnMapping mapping) {
  SMELT_TRY(CheckMappedFields(type.fields, mapping));
  if (type.key) SMELT_TRY(CheckMappedType(*type.key, mapping));
  if (type.element) SMELT_TRY(CheckMappedType(*type.element, mapping));
  return {};
}

/// Whether every field, nested ones included, has what the mode goes by.
Status CheckMappedFields(const std::vector<Field>& fields, ColumnMapping mapping) {
  for (const Field& field : fields) {
    const auto name = field.metadata.find("delta.columnMapping.physicalName");
    if (name == field.metadata.end() || !name->is_string()) {
      return Fail(ErrorCode::kDeltaCorrupt, fmt::format("the column '{}' has no physical name", field.name));
    }
    if (mapping == ColumnMapping::kId && !field.id()) {
      return Fail(ErrorCode::kDeltaCorrupt, fmt::format("the column '{}' has no id", field.name));
    }
    SMELT_TRY(CheckMappedType(field.type, mapping));
  }
  return {};
}

}  // namespace

std::span<const Feature> Features() {
  return kFeatures;
}

bool HasFeature(const Protocol& protocol, std::string_view feature) {
  if (Contains(protocol.writer_features, feature) || Contains(protocol.reader_features, feature)) return true;
  const Feature* known = FindFeature(feature);
  return known != nullptr && (IsImpliedForReaders(protocol, *known) || IsImpliedForWriters(protocol, *known));
}

Status CheckReadable(const Protocol& protocol) {
  std::vector<std::string> missing;
  for (const Feature& feature : kFeatures) {
    if (IsImpliedForReaders(protocol, feature) && !feature.can_read) missing.emplace_back(feature.name);
  }
  for (const std::string& name : protocol.reader_features) {
    const Feature* feature = FindFeature(name);
    if (feature == nullptr || !feature->can_read) Insert(missing, name);
  }
  // Named for writers only, such a feature still shapes the files; some writers forget the readers' list.
  for (const std::string& name : protocol.writer_features) {
    const Feature* feature = FindFeature(name);
    if (feature != nullptr && feature->is_reader_feature && !feature->can_read) Insert(missing, name);
  }
  return Refuse("reader", protocol.min_reader_version, kReaderVersionMax, missing);
}

Status CheckWritable(const Protocol& protocol, const Metadata& metadata) {
  SMELT_TRY(CheckReadable(protocol));
  std::vector<std::string> missing;
  std::optional<Schema> schema;  // of few tables it matters
  for (const Feature& feature : kFeatures) {
    if (feature.can_write || !HasFeature(protocol, feature.name)) continue;
    if (!schema) {
      SMELT_ASSIGN(schema, ParseSchema(metadata.schema_string));
    }
    if (IsActive(feature.name, protocol, metadata, schema->fields)) missing.emplace_back(feature.name);
  }
  for (const std::string& name : protocol.writer_features) {
    if (FindFeature(name) == nullptr) missing.push_back(name);
  }
  Status status = Refuse("writer", protocol.min_writer_version, kWriterVersionMax, missing);
  const bool has_variants =
      std::ranges::any_of(missing, [](const std::string& name) { return name.starts_with("variantType"); });
  if (status || !has_variants) return status;
  return Fail(Error(status.error())
                  .Hint(fmt::format("smelt writes variants shredded: ALTER TABLE … SET ('{}' = 'true') allows it, for "
                                    "readers that know the feature variantShredding",
                                    kEnableVariantShreddingProperty)));
}

ColumnMapping ColumnMappingOf(const Protocol& protocol, const Metadata& metadata) {
  if (!HasFeature(protocol, "columnMapping")) return ColumnMapping::kNone;
  const auto mode = metadata.configuration.find("delta.columnMapping.mode");
  if (mode == metadata.configuration.end()) return ColumnMapping::kNone;
  return mode->second == "id"     ? ColumnMapping::kId
         : mode->second == "name" ? ColumnMapping::kName
                                  : ColumnMapping::kNone;
}

Status CheckColumnMapping(const Protocol& protocol, const Metadata& metadata, const Schema& schema) {
  if (!HasFeature(protocol, "columnMapping")) return {};
  const auto mode = metadata.configuration.find("delta.columnMapping.mode");
  if (mode == metadata.configuration.end() || mode->second == "none") return {};
  const ColumnMapping mapping = ColumnMappingOf(protocol, metadata);
  if (mapping != ColumnMapping::kNone) return CheckMappedFields(schema.fields, mapping);
  return Fail(ErrorCode::kDeltaUnsupported,
              fmt::format("the table maps its columns in the unknown mode '{}'", mode->second));
}

bool WritesDeletionVectors(const Protocol& protocol, const Metadata& metadata) {
  return HasFeature(protocol, "deletionVectors") && PropertyIsTrue(metadata, "delta.enableDeletionVectors");
}

bool WritesChangeData(const Protocol& protocol, const Metadata& metadata) {
  return HasFeature(protocol, "changeDataFeed") && PropertyIsTrue(metadata, "delta.enableChangeDataFeed");
}

bool ShredsVariants(const Protocol& protocol, const Metadata& metadata) {
  const bool is_supported =
      HasFeature(protocol, "variantShredding") || HasFeature(protocol, "variantShredding-preview");
  return is_supported && PropertyIsTrue(metadata, kEnableVariantShreddingProperty);
}

void EnableVariantShredding(Protocol& protocol) {
  for (const char* feature : {"variantType", "variantShredding"}) {
    if (!HasFeature(protocol, std::string(feature) + "-preview")) EnableFeature(protocol, feature);
  }
}

void EnableFeature(Protocol& protocol, std::string_view feature) {
  const Feature* known = FindFeature(feature);
  SMELT_ASSERT(known != nullptr);
  if (HasFeature(protocol, feature)) return;
  if (protocol.min_writer_version < kWriterVersionMax) {
    // What the old version implied must be said by name from now on.
    for (const Feature& legacy : kFeatures) {
      if (IsImpliedForWriters(protocol, legacy)) Insert(protocol.writer_features, legacy.name);
    }
    protocol.min_writer_version = kWriterVersionMax;
  }
  if (known->is_reader_feature) {
    for (const Feature& legacy : kFeatures) {
      if (IsImpliedForReaders(protocol, legacy)) Insert(protocol.reader_features, legacy.name);
    }
    protocol.min_reader_version = kReaderVersionMax;
    Insert(protocol.reader_features, feature);
  }
  Insert(protocol.writer_features, feature);
}

}  // namespace smelt::delta
