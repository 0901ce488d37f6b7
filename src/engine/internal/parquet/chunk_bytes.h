#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "engine/internal/parquet/local_file.h"

namespace smelt::engine::parquet {

/// The bytes of a column chunk, page after page.
class ChunkBytes {
 public:
  virtual ~ChunkBytes() = default;
  /// Bytes of the chunk, from `at` on. Nothing when it has fewer, or the file does not give them. Calls go forward.
  /// Without an owner, they stay until the next call.
  virtual std::optional<std::string_view> View(std::uint64_t at, std::uint64_t size) = 0;
  /// Who keeps the bytes; null when nobody does.
  virtual std::shared_ptr<const void> owner() const = 0;
  std::uint64_t offset() const { return offset_; }  ///< in the file
  std::uint64_t size() const { return size_; }

 protected:
  ChunkBytes(std::uint64_t offset, std::uint64_t size) : offset_(offset), size_(size) {}

 private:
  std::uint64_t offset_;
  std::uint64_t size_;
};

/// The whole chunk in memory of its own, where it stays as long as somebody shares it. Null when it cannot be read.
std::unique_ptr<ChunkBytes> ReadChunk(const LocalFile& file, std::uint64_t offset, std::uint64_t size);

/// The chunk as it passes by: a page of it is in memory at a time, in the same place. `file` outlives it.
std::unique_ptr<ChunkBytes> PassChunk(const LocalFile& file, std::uint64_t offset, std::uint64_t size);

}  // namespace smelt::engine::parquet
