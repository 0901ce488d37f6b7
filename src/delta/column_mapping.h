#pragma once

#include "base/error.h"
#include "delta/actions.h"
#include "delta/features.h"

/// Column mapping as writers see to it: "Column Mapping" of the protocol. Each field, nested ones included, has an id
/// that no other field ever had, and a name of its own in files, so that it can be renamed, dropped and made again.
namespace smelt::delta {

inline constexpr const char* kColumnMappingModeProperty = "delta.columnMapping.mode";
inline constexpr const char* kColumnMappingMaxIdProperty = "delta.columnMapping.maxColumnId";
inline constexpr const char* kPhysicalNameKey = "delta.columnMapping.physicalName";
inline constexpr const char* kColumnIdKey = "delta.columnMapping.id";

/// Turns the mapping of columns on: the feature, the mode, and for each column an id and its name in files. That is the
/// column's own name when there may be files already, else one that no other column ever has. Does nothing when the
/// table has this mode already.
/// Errors: kDeltaUnsupported (an unknown mode, a change of mode other than from none, to "id" where there are files).
Status EnableColumnMapping(Protocol& protocol, Metadata& metadata, std::string_view mode, bool has_files);

/// Gives the fields that have none, those that were just added, an id and a name in files that no column ever had. Does
/// nothing when the table's columns are not mapped.
Status MapNewColumns(const Protocol& protocol, Metadata& metadata);

/// The keys of partition values, in the order of the table's definition. Errors: kDeltaCorrupt.
Result<std::vector<std::string>> PartitionKeys(const Protocol& protocol, const Metadata& metadata);

/// Whether a column name has a character that readers of the Hadoop family refuse in files.
bool IsRefusedInFiles(std::string_view name);

}  // namespace smelt::delta
