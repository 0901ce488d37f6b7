#pragma once

#include <cstdint>
#include <span>

#include "engine/internal/parquet/byte_buffer.h"
#include "engine/internal/parquet/format.h"

namespace smelt::engine::parquet {

/// Appends numbers as runs of repeated and of bit-packed ones (the Parquet format's Encodings.md, "Run Length Encoding
/// / Bit-Packing Hybrid"), without a length before them. All numbers are below 2^width; `width` is 1 to kRunWidthMax.
void AppendRuns(std::span<const std::uint32_t> numbers, unsigned width, ByteBuffer& out);
/// The same of flags, which take a bit each.
void AppendRuns(std::span<const std::uint8_t> flags, ByteBuffer& out);
/// So many flags that are set.
void AppendSetFlags(std::size_t count, ByteBuffer& out);

}  // namespace smelt::engine::parquet
