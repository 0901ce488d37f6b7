#include "engine/internal/parquet/text_pages.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

#include "engine/internal/parquet/format.h"
#include "engine/internal/parquet/page_codec.h"
#include "engine/internal/parquet/run_reader.h"
#include "engine/internal/parquet/thrift_reader.h"
#include "engine/internal/text_arena.h"

namespace smelt::engine::parquet {
namespace {

using Texts = std::vector<delta::SharedText>;

/// No page is believed to be so much larger than its compressed form.
constexpr std::uint64_t kGrowthMax = 256;

struct PageHeader {
  std::int64_t kind = -1;
  std::int64_t size = -1;
  std::int64_t stored_size = -1;
  std::int64_t values = -1;
  std::int64_t encoding = -1;
  // Of pages of the second version, whose levels are not compressed.
  std::int64_t level_bytes = 0;
  std::int64_t repetition_bytes = 0;
  bool is_compressed = true;
  std::size_t header_size = 0;

  bool Is(PageKind wanted) const { return kind == static_cast<std::int64_t>(wanted); }
  bool Is(PageEncoding wanted) const { return encoding == static_cast<std::int64_t>(wanted); }
};

void ReadKind(ThriftReader& reader, PageHeader& header) {
  const bool is_second = header.Is(PageKind::kData2);
  reader.Struct([&](int id) {
    if (id == 1) return header.values = reader.Integer(), true;
    if (id == (is_second ? 4 : 2)) return header.encoding = reader.Integer(), true;
    if (!is_second) return false;
    if (id == 5) return header.level_bytes = reader.Integer(), true;
    if (id == 6) return header.repetition_bytes = reader.Integer(), true;
    if (id == 7) return header.is_compressed = reader.Bool(), true;
    return false;
  });
}

std::optional<PageHeader> ReadHeader(std::string_view bytes) {
  ThriftReader reader(bytes);
  PageHeader header;
  reader.Struct([&](int id) {
    switch (id) {
      case 1: header.kind = reader.Integer(); return true;
      case 2: header.size = reader.Integer(); return true;
      case 3: header.stored_size = reader.Integer(); return true;
      case 5:
      case 7:
      case 8: ReadKind(reader, header); return true;
      default: return false;
    }
  });
  header.header_size = reader.position();
  const bool is_sound = reader.ok() && header.size >= 0 && header.stored_size >= 0 && header.values >= 0 &&
                        header.level_bytes >= 0 && header.repetition_bytes == 0 &&
                        header.level_bytes <= std::min(header.size, header.stored_size) &&
                        static_cast<std::uint64_t>(header.stored_size) <= bytes.size() - header.header_size;
  return is_sound ? std::optional(header) : std::nullopt;
}

/// The values of a page, and what keeps them; the levels of pages of the second version are left out.
std::optional<ChunkBytes> BodyOf(const PageHeader& header, std::string_view stored, const ChunkBytes& chunk,
                                 int codec) {
  stored.remove_prefix(static_cast<std::size_t>(header.level_bytes));
  const auto size = static_cast<std::size_t>(header.size - header.level_bytes);
  if (codec == static_cast<int>(PageCodec::kUncompressed) || !header.is_compressed) {
    return stored.size() == size ? std::optional(ChunkBytes{stored, chunk.owner}) : std::nullopt;
  }
  if (size == 0) return ChunkBytes{{}, chunk.owner};
  if (size > INT32_MAX || size > kGrowthMax * (stored.size() + kGrowthMax)) return std::nullopt;
  std::shared_ptr<char> block = MakeTextBlock(size);
  if (!Decompress(static_cast<PageCodec>(codec), stored, block.get(), size)) return std::nullopt;
  return ChunkBytes{{block.get(), size}, block};
}

std::optional<std::uint32_t> TakeNumber(std::string_view& bytes) {
  std::uint32_t number = 0;
  if (bytes.size() < sizeof(number)) return std::nullopt;
  std::memcpy(&number, bytes.data(), sizeof(number));
  bytes.remove_prefix(sizeof(number));
  return number;
}

bool TakePlain(ChunkBytes& body, Texts& texts) {
  const std::optional<std::uint32_t> size = TakeNumber(body.bytes);
  if (!size || *size > body.bytes.size()) return false;
  const std::string_view text = body.bytes.substr(0, *size);
  body.bytes.remove_prefix(*size);
  texts.push_back(text.empty() ? delta::SharedText() : delta::SharedText(body.owner, text));
  return simdjson::validate_utf8(text);
}

/// Reads one chunk, page after page.
class PageReader {
 public:
  PageReader(const ChunkBytes& chunk, int codec, unsigned level_max, Texts& texts)
      : chunk_(chunk), left_(chunk.bytes), codec_(codec), level_max_(level_max), texts_(texts) {}

  bool Read(std::size_t values) {
    for (std::size_t done = 0; done < values;) {
      const std::optional<PageHeader> header = ReadHeader(left_);
      if (!header) return false;
      const std::string_view stored = left_.substr(header->header_size, static_cast<std::size_t>(header->stored_size));
      left_.remove_prefix(header->header_size + stored.size());
      const bool is_data = header->Is(PageKind::kData) || header->Is(PageKind::kData2);
      if (!is_data && !header->Is(PageKind::kDictionary)) return false;
      if (is_data && static_cast<std::size_t>(header->values) > values - done) return false;
      if (is_data ? !ReadData(*header, stored) : !ReadDictionary(*header, stored)) return false;
      if (is_data) done += static_cast<std::size_t>(header->values);
    }
    return true;
  }

 private:
  bool ReadDictionary(const PageHeader& header, std::string_view stored) {
    std::optional<ChunkBytes> body = BodyOf(header, stored, chunk_, codec_);
    if (!body || !dictionary_.empty()) return false;
    for (std::int64_t i = 0; i < header.values; ++i) {
      if (!TakePlain(*body, dictionary_)) return false;
    }
    return true;
  }

  bool ReadData(const PageHeader& header, std::string_view stored) {
    std::optional<ChunkBytes> body = BodyOf(header, stored, chunk_, codec_);
    if (!body) return false;
    const auto rows = static_cast<std::size_t>(header.values);
    std::string_view levels = stored.substr(0, static_cast<std::size_t>(header.level_bytes));
    if (header.Is(PageKind::kData) && level_max_ > 0) {
      const std::optional<std::uint32_t> size = TakeNumber(body->bytes);
      if (!size || *size > body->bytes.size()) return false;
      levels = body->bytes.substr(0, *size);
      body->bytes.remove_prefix(*size);
    }
    const auto found = ReadRuns(levels, static_cast<unsigned>(std::bit_width(level_max_)), rows);
    if (!found) return false;
    if (header.Is(PageEncoding::kPlain)) return AppendPlain(*found, *body);
    const bool is_numbers = header.Is(PageEncoding::kDictionary) || header.Is(PageEncoding::kOldDictionary);
    return is_numbers && AppendOfDictionary(*found, body->bytes);
  }

  bool AppendPlain(const std::vector<std::uint32_t>& levels, ChunkBytes body) {
    for (const std::uint32_t level : levels) {
      if (level != level_max_) {
        texts_.emplace_back();
      } else if (!TakePlain(body, texts_)) {
        return false;
      }
    }
    return true;
  }

  bool AppendOfDictionary(const std::vector<std::uint32_t>& levels, std::string_view body) {
    const auto present = static_cast<std::size_t>(std::ranges::count(levels, level_max_));
    if (present > 0 && body.empty()) return false;
    const unsigned width = present > 0 ? static_cast<std::uint8_t>(body[0]) : 0;
    const auto numbers = ReadRuns(body.substr(std::min<std::size_t>(1, body.size())), width, present);
    if (!numbers) return false;
    auto next = numbers->begin();
    for (const std::uint32_t level : levels) {
      if (level != level_max_) {
        texts_.emplace_back();
        continue;
      }
      if (*next >= dictionary_.size()) return false;
      texts_.push_back(dictionary_[*next++]);
    }
    return true;
  }

  const ChunkBytes& chunk_;
  std::string_view left_;
  int codec_;
  unsigned level_max_;
  Texts& texts_;
  Texts dictionary_;
};

}  // namespace

bool ReadTextPages(const ChunkBytes& chunk, int codec, unsigned level_max, std::size_t values,
                   std::vector<delta::SharedText>& texts) {
  return PageReader(chunk, codec, level_max, texts).Read(values);
}

}  // namespace smelt::engine::parquet
