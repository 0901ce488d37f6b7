#include "engine/internal/parquet/text_column.h"

#include <algorithm>

#include "engine/internal/parquet/format.h"
#include "engine/internal/parquet/page_codec.h"

namespace smelt::engine::parquet {
namespace {

/// No more rows are believed to be in a byte of a file: each of them takes memory before anything of it is known.
constexpr std::uint64_t kRowsPerByteMax = 8;

}  // namespace

bool ReadTextColumn(const LocalFile& file, std::string_view path, TextsAre texts, const TakeText& take) {
  const FileLayout::Leaf* const column = file.layout().FindText(path);
  if (column == nullptr) return false;
  return std::ranges::all_of(column->chunks, [&](const FileLayout::Chunk& chunk) {
    if (chunk.values == 0) return true;
    if (chunk.values / kRowsPerByteMax > file.size()) return false;
    const bool passes = texts == TextsAre::kPassed && chunk.codec == static_cast<int>(PageCodec::kUncompressed);
    const auto bytes = passes ? PassChunk(file, chunk.offset, chunk.size) : ReadChunk(file, chunk.offset, chunk.size);
    return bytes != nullptr && ReadTextPages(*bytes, chunk.codec, column->level_max, chunk.values, take);
  });
}

}  // namespace smelt::engine::parquet
