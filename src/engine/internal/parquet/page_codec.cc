#include "engine/internal/parquet/page_codec.h"

#include <lz4.h>
#include <snappy.h>
#include <zstd.h>

#include "engine/internal/error_bridge.h"

namespace smelt::engine::parquet {
namespace {

void AppendSnappy(std::string_view page, ByteBuffer& out) {
  const std::size_t before = out.size();
  std::size_t size = 0;
  snappy::RawCompress(page.data(), page.size(), out.Grow(snappy::MaxCompressedLength(page.size())), &size);
  out.Shrink(before + size);
}

void AppendZstd(std::string_view page, ByteBuffer& out) {
  const std::size_t before = out.size();
  const std::size_t size_max = ZSTD_compressBound(page.size());
  const std::size_t size = ZSTD_compress(out.Grow(size_max), size_max, page.data(), page.size(), ZSTD_CLEVEL_DEFAULT);
  if (ZSTD_isError(size) != 0) Throw(Error(ErrorCode::kInternal, "a page cannot be compressed by zstd"));
  out.Shrink(before + size);
}

void AppendLz4(std::string_view page, ByteBuffer& out) {
  const std::size_t before = out.size();
  const int size_max = page.size() > LZ4_MAX_INPUT_SIZE ? 0 : LZ4_compressBound(static_cast<int>(page.size()));
  const int size = size_max == 0 ? 0
                                 : LZ4_compress_default(page.data(), out.Grow(static_cast<std::size_t>(size_max)),
                                                        static_cast<int>(page.size()), size_max);
  if (size <= 0) Throw(Error(ErrorCode::kInternal, "a page cannot be compressed by lz4"));
  out.Shrink(before + static_cast<std::size_t>(size));
}

}  // namespace

std::optional<PageCodec> FindPageCodec(std::string_view name) {
  if (name == "uncompressed") return PageCodec::kUncompressed;
  if (name == "snappy") return PageCodec::kSnappy;
  if (name == "zstd") return PageCodec::kZstd;
  if (name == "lz4_raw") return PageCodec::kLz4Raw;
  return std::nullopt;
}

void AppendCompressed(PageCodec codec, std::string_view page, ByteBuffer& out) {
  switch (codec) {
    case PageCodec::kUncompressed: return out.Append(page);
    case PageCodec::kSnappy: return AppendSnappy(page, out);
    case PageCodec::kZstd: return AppendZstd(page, out);
    case PageCodec::kLz4Raw: return AppendLz4(page, out);
  }
}

bool Decompress(PageCodec codec, std::string_view compressed, char* page, std::size_t size) {
  switch (codec) {
    case PageCodec::kSnappy: {
      std::size_t length = 0;
      return snappy::GetUncompressedLength(compressed.data(), compressed.size(), &length) && length == size &&
             snappy::RawUncompress(compressed.data(), compressed.size(), page);
    }
    case PageCodec::kZstd: return ZSTD_decompress(page, size, compressed.data(), compressed.size()) == size;
    case PageCodec::kLz4Raw:
      return LZ4_decompress_safe(compressed.data(), page, static_cast<int>(compressed.size()),
                                 static_cast<int>(size)) == static_cast<int>(size);
    default: return false;
  }
}

}  // namespace smelt::engine::parquet
