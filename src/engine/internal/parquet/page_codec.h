#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/internal/parquet/byte_buffer.h"

namespace smelt::engine::parquet {

/// Codecs of pages, by Parquet's numbers (CompressionCodec).
enum class PageCodec : std::uint8_t { kUncompressed = 0, kSnappy = 1, kZstd = 6, kLz4Raw = 7 };

/// By its name in lower case; nothing for one that this writer leaves to DuckDB's.
std::optional<PageCodec> FindPageCodec(std::string_view name);

/// Appends the compressed form of `page`.
void AppendCompressed(PageCodec codec, std::string_view page, ByteBuffer& out);
/// Writes the page that `compressed` is the form of, which has this size; false when it is not.
bool Decompress(PageCodec codec, std::string_view compressed, char* page, std::size_t size);

}  // namespace smelt::engine::parquet
