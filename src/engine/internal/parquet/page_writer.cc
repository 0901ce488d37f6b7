#include "engine/internal/parquet/page_writer.h"

#include <string>

#include "engine/internal/error_bridge.h"
#include "engine/internal/parquet/thrift_writer.h"

namespace smelt::engine::parquet {
namespace {

/// What a header can say.
constexpr std::size_t kPageBytesMax = INT32_MAX;
/// Less than this is compressed even if nothing is won.
constexpr std::size_t kWeighedMin = 4096;
/// What compression has to save, as a part of the whole, lest every reader decompress for nothing.
constexpr std::size_t kWorthwhilePart = 16;

std::int32_t Number(std::size_t size) {
  return static_cast<std::int32_t>(size);
}

std::int32_t Number(PageEncoding encoding) {
  return static_cast<std::int32_t>(encoding);
}

}  // namespace

void PageWriter::EndPage(Page page) {
  const std::string_view bytes = raw_.view().substr(raw_ended_);
  if (bytes.size() > kPageBytesMax) {
    Throw(Error(ErrorCode::kSqlRuntime, "a value is too large for a Parquet file, whose pages end at 2 GB"));
  }
  raw_ended_ = raw_.size();
  page.size = bytes.size();
  if (codec_ != PageCodec::kUncompressed) {
    const std::size_t before = compressed_.size();
    AppendCompressed(codec_, bytes, compressed_);
    page.compressed_size = compressed_.size() - before;
  }
  pages_.push_back(page);
}

void PageWriter::Finish(EncodedColumn& column) {
  const bool is_compressed =
      codec_ != PageCodec::kUncompressed &&
      (raw_.size() < kWeighedMin || compressed_.size() + raw_.size() / kWorthwhilePart <= raw_.size());
  const ByteBuffer& source = is_compressed ? compressed_ : raw_;
  column.codec = is_compressed ? codec_ : PageCodec::kUncompressed;
  constexpr std::size_t kHeaderSizeMax = 64;
  column.bytes.Reserve(source.size() + pages_.size() * kHeaderSizeMax);
  std::size_t at = 0;
  std::string header;
  for (const Page& page : pages_) {
    const std::size_t size = is_compressed ? page.compressed_size : page.size;
    header.clear();
    ThriftWriter thrift(header);
    thrift.BeginStruct();
    thrift.I32(1, static_cast<std::int32_t>(page.is_dictionary ? PageKind::kDictionary : PageKind::kData));
    thrift.I32(2, Number(page.size));
    thrift.I32(3, Number(size));
    thrift.BeginStruct(page.is_dictionary ? 7 : 5);
    thrift.I32(1, Number(page.values));
    thrift.I32(2, Number(page.encoding));
    if (!page.is_dictionary) {
      thrift.I32(3, Number(PageEncoding::kRle));
      thrift.I32(4, Number(PageEncoding::kRle));
    }
    thrift.EndStruct();
    thrift.EndStruct();
    column.bytes.Append(header);
    column.bytes.Append(source.view().substr(at, size));
    at += size;
    column.uncompressed_size += static_cast<std::int64_t>(header.size() + page.size);
    if (page.is_dictionary) column.dictionary_size = static_cast<std::int64_t>(header.size() + size);
  }
  pages_.clear();
  raw_.clear();
  raw_ended_ = 0;
  compressed_.clear();
}

}  // namespace smelt::engine::parquet
