#pragma once

#include <string_view>

#include "engine/internal/parquet/local_file.h"
#include "engine/internal/parquet/text_pages.h"

namespace smelt::engine::parquet {

enum class TextsAre {
  kRead,    ///< to memory, where they stay: none is copied
  kPassed,  ///< where they are not compressed: they stay in the file. FoundText::owner says which was done
};

/// Gives the texts of a column of a local Parquet file, those of all row groups in their order. `path` is the column's,
/// as FileLayout has it. Memory: that of the column, or of a page.
///
/// False where this reader does not know how, or where anything is not as it should be, which may show late: DuckDB's
/// reader then knows how, or what to say. Encodings: plain and dictionary; codecs: none, snappy, lz4_raw and zstd.
bool ReadTextColumn(const LocalFile& file, std::string_view path, TextsAre texts, const TakeText& take);

}  // namespace smelt::engine::parquet
