#include "engine/internal/parquet/text_column.h"

#include <array>

#include "base/parallel.h"
#include "engine/internal/parquet/text_pages.h"
#include "engine/internal/text_arena.h"

namespace smelt::engine::parquet {
namespace {

/// No more rows are believed to be in a byte of a file: each of them takes memory before anything of it is known.
constexpr std::uint64_t kRowsPerByteMax = 8;
constexpr std::uint64_t kReadInTwoMin = 4 << 20;

/// Large reads are two: most of the time goes into making memory for them, which two threads do in half of it.
bool ReadBytes(const LocalFile& file, std::uint64_t offset, char* to, std::uint64_t size) {
  if (size < kReadInTwoMin) return file.Read(offset, to, size);
  const std::uint64_t half = size / 2;
  std::array<bool, 2> is_read = {};
  (void)RunBoth([&] { return is_read[0] = file.Read(offset, to, half), Status(); },
                [&] { return is_read[1] = file.Read(offset + half, to + half, size - half), Status(); });
  return is_read[0] && is_read[1];
}

bool ReadChunk(const LocalFile& file, const FileLayout::Chunk& chunk, unsigned level_max,
               std::vector<delta::SharedText>& texts) {
  if (chunk.values == 0) return true;
  if (chunk.size > file.size() || chunk.values / kRowsPerByteMax > file.size()) return false;
  const std::shared_ptr<char> block = MakeTextBlock(chunk.size);
  if (!ReadBytes(file, chunk.offset, block.get(), chunk.size)) return false;
  return ReadTextPages({{block.get(), chunk.size}, block}, chunk.codec, level_max, chunk.values, texts);
}

}  // namespace

std::optional<std::vector<delta::SharedText>> ReadTextColumn(const LocalFile& file, std::string_view path) {
  const FileLayout::Leaf* const column = file.layout().FindText(path);
  if (column == nullptr) return std::nullopt;
  std::vector<delta::SharedText> texts;
  for (const FileLayout::Chunk& chunk : column->chunks) {
    if (!ReadChunk(file, chunk, column->level_max, texts)) return std::nullopt;
  }
  return texts;
}

}  // namespace smelt::engine::parquet
