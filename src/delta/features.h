#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "delta/actions.h"
#include "delta/schema.h"

namespace smelt::delta {

/// One row of the protocol's feature table: what smelt can do with tables that use it.
struct Feature {
  std::string_view name;      ///< as in readerFeatures / writerFeatures
  int legacy_reader_version;  ///< the reader version that implies it, 0 when only named
  int legacy_writer_version;  ///< the writer version that implies it, 0 when only named
  bool is_reader_feature;     ///< readers must understand it, too
  bool can_read;
  bool can_write;
};

/// All features of the protocol that smelt knows by name, supported or not: the one place that says so.
std::span<const Feature> Features();

/// Whether smelt may read (write) a table with this protocol. Errors: kDeltaUnsupported naming every feature that
/// stands in the way.
Status CheckReadable(const Protocol& protocol);
Status CheckWritable(const Protocol& protocol, const Metadata& metadata);

/// Whether the protocol has the feature, by name or by legacy version.
bool HasFeature(const Protocol& protocol, std::string_view feature);

/// Adds a feature to the protocol, raising versions as demanded; for a reader feature to both lists.
void EnableFeature(Protocol& protocol, std::string_view feature);

/// How columns are found in data files ("Column Mapping"): by their own names, by physical names, or by ids.
enum class ColumnMapping { kNone, kName, kId };
ColumnMapping ColumnMappingOf(const Protocol& protocol, const Metadata& metadata);
/// Errors: kDeltaUnsupported (a mode that smelt does not know), kDeltaCorrupt (a column without what the mode goes by).
Status CheckColumnMapping(const Protocol& protocol, const Metadata& metadata, const Schema& schema);

/// Whether writers mark deleted rows instead of rewriting files.
bool WritesDeletionVectors(const Protocol& protocol, const Metadata& metadata);
/// Whether writers may shred variants, as smelt's always does ("Variant Shredding"): where this property is true.
inline constexpr const char* kEnableVariantShreddingProperty = "delta.enableVariantShredding";
bool ShredsVariants(const Protocol& protocol, const Metadata& metadata);
/// Adds what a table with shredded variants needs, beside the property.
void EnableVariantShredding(Protocol& protocol);
/// Whether writers record which rows they change ("Change Data Feed").
bool WritesChangeData(const Protocol& protocol, const Metadata& metadata);

}  // namespace smelt::delta
