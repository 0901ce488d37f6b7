#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "delta/actions.h"

/// The codec of a table's data files: the table property `delta.parquet.compression.codec`.
namespace smelt::engine {

inline constexpr std::string_view kCompressionProperty = "delta.parquet.compression.codec";

/// DuckDB's name of a codec, given in any case; nothing for one that its writer does not have.
std::optional<std::string> FindCompression(std::string_view name);

/// The codec that new files of a table get: snappy, which every reader has, where the table does not say, or names one
/// that this writer does not have.
std::string CompressionOf(const delta::Metadata& metadata);

}  // namespace smelt::engine
