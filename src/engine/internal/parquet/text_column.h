#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "delta/shared_text.h"
#include "engine/internal/parquet/local_file.h"

namespace smelt::engine::parquet {

/// The texts of a column of a local Parquet file, those of all row groups in their order; NULL is an empty one. The
/// column is read at once, and the texts stay where they were read to: none is copied, but all are valid UTF-8. `path`
/// is the column's, as FileLayout has it. Memory: that of the column, and 32 bytes for each text.
///
/// Nothing where this reader does not know how, or where anything is not as it should be: DuckDB's reader then knows
/// how, or what to say. Encodings: plain and dictionary; codecs: none, snappy, lz4_raw and zstd.
std::optional<std::vector<delta::SharedText>> ReadTextColumn(const LocalFile& file, std::string_view path);

}  // namespace smelt::engine::parquet
