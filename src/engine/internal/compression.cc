#include "engine/internal/compression.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace smelt::engine {

std::optional<std::string> FindCompression(std::string_view name) {
  constexpr auto kCodecs =
      std::to_array<std::string_view>({"uncompressed", "snappy", "gzip", "zstd", "lz4_raw", "brotli"});
  std::string lower = LowerAscii(name);
  if (lower == "none") return "uncompressed";
  // What other writers mean by LZ4 today: Hadoop's frames around it are no longer written.
  if (lower == "lz4") return "lz4_raw";
  if (std::ranges::find(kCodecs, lower) == kCodecs.end()) return std::nullopt;
  return lower;
}

std::string CompressionOf(const delta::Metadata& metadata) {
  const auto found = metadata.configuration.find(std::string(kCompressionProperty));
  if (found == metadata.configuration.end()) return "snappy";
  return FindCompression(found->second).value_or("snappy");
}

}  // namespace smelt::engine
