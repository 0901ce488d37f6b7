#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "delta/shared_text.h"

namespace smelt::engine::parquet {

/// The bytes of a column chunk, and who keeps them.
struct ChunkBytes {
  std::string_view bytes;
  std::shared_ptr<const void> owner;
};

/// Appends the texts of a chunk, whose rows have a value at the definition level `level_max`. False where a page is not
/// sound, or of a kind that is not known here.
bool ReadTextPages(const ChunkBytes& chunk, int codec, unsigned level_max, std::size_t values,
                   std::vector<delta::SharedText>& texts);

}  // namespace smelt::engine::parquet
