#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "engine/internal/parquet/chunk_bytes.h"

namespace smelt::engine::parquet {

/// A text, valid UTF-8; NULL is an empty one.
struct FoundText {
  std::string_view text;
  std::shared_ptr<const void> owner;  ///< who keeps it; null for a text that is gone after the call
  std::uint64_t offset = 0;           ///< where it stands in the file, where nobody keeps it
};
using TakeText = std::function<void(const FoundText&)>;

/// Gives the texts of a chunk, whose rows have a value at the definition level `level_max`. False where a page is not
/// sound, or of a kind that is not known here.
bool ReadTextPages(ChunkBytes& chunk, int codec, unsigned level_max, std::size_t values, const TakeText& take);

}  // namespace smelt::engine::parquet
