#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "delta/shared_text.h"

namespace smelt::engine::parquet {

/// The texts of a column of a local Parquet file, those of all row groups in their order; NULL is an empty one. The
/// column is read at once, and the texts stay where they were read to: nothing of them is copied or looked at. `column`
/// are its name and those of the structures around it, the outermost first.
///
/// Nothing where this reader does not know how, or where anything is not as it should be: DuckDB's reader then knows
/// how, or what to say. Encodings: plain and dictionary; codecs: none, snappy, lz4_raw and zstd.
std::optional<std::vector<delta::SharedText>> ReadTextColumn(const std::string& path,
                                                             std::span<const std::string_view> column);

}  // namespace smelt::engine::parquet
