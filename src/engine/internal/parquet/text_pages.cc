#include "engine/internal/parquet/text_pages.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "engine/internal/parquet/format.h"
#include "engine/internal/parquet/page_codec.h"
#include "engine/internal/parquet/run_reader.h"
#include "engine/internal/parquet/thrift_reader.h"
#include "engine/internal/text_arena.h"

namespace smelt::engine::parquet {
namespace {

/// No page is believed to be so much larger than its compressed form.
constexpr std::uint64_t kGrowthMax = 256;
/// A header is no larger: the bounds of a page, which may be in it, are two values at most.
constexpr std::uint64_t kHeaderBytesMax = 64 << 10;

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

/// The header at the beginning of `bytes`, of a page that ends within `left` bytes.
std::optional<PageHeader> ReadHeader(std::string_view bytes, std::uint64_t left) {
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
                        static_cast<std::uint64_t>(header.stored_size) <= left - header.header_size;
  return is_sound ? std::optional(header) : std::nullopt;
}

/// The values of a page: their bytes, who keeps these, and where in the file they are unless they were compressed.
struct Body {
  std::string_view bytes;
  std::shared_ptr<const void> owner;
  std::uint64_t offset = 0;

  void Skip(std::size_t count) {
    bytes.remove_prefix(count);
    offset += count;
  }
};

/// The levels of pages of the second version are left out.
std::optional<Body> BodyOf(const PageHeader& header, Body stored, int codec) {
  stored.Skip(static_cast<std::size_t>(header.level_bytes));
  const auto size = static_cast<std::size_t>(header.size - header.level_bytes);
  if (codec == static_cast<int>(PageCodec::kUncompressed) || !header.is_compressed) {
    return stored.bytes.size() == size ? std::optional(std::move(stored)) : std::nullopt;
  }
  if (size == 0) return Body{};
  if (size > INT32_MAX || size > kGrowthMax * (stored.bytes.size() + kGrowthMax)) return std::nullopt;
  std::shared_ptr<char> block = MakeTextBlock(size);
  if (!Decompress(static_cast<PageCodec>(codec), stored.bytes, block.get(), size)) return std::nullopt;
  return Body{{block.get(), size}, block};
}

/// The same in memory that stays.
Body Kept(const Body& body) {
  if (body.owner != nullptr || body.bytes.empty()) return body;
  std::shared_ptr<char> block = MakeTextBlock(body.bytes.size());
  std::memcpy(block.get(), body.bytes.data(), body.bytes.size());
  return {{block.get(), body.bytes.size()}, block};
}

std::optional<std::uint32_t> TakeNumber(Body& body) {
  std::uint32_t number = 0;
  if (body.bytes.size() < sizeof(number)) return std::nullopt;
  std::memcpy(&number, body.bytes.data(), sizeof(number));
  body.Skip(sizeof(number));
  return number;
}

std::optional<FoundText> TakePlain(Body& body) {
  const std::optional<std::uint32_t> size = TakeNumber(body);
  if (!size || *size > body.bytes.size()) return std::nullopt;
  FoundText text{body.bytes.substr(0, *size), body.owner, body.offset};
  body.Skip(*size);
  return simdjson::validate_utf8(text.text) ? std::optional(std::move(text)) : std::nullopt;
}

/// Reads one chunk, page after page.
class PageReader {
 public:
  PageReader(ChunkBytes& chunk, int codec, unsigned level_max, const TakeText& take)
      : chunk_(chunk), codec_(codec), level_max_(level_max), take_(take) {}

  bool Read(std::size_t values) {
    for (std::size_t done = 0; done < values;) {
      const std::uint64_t left = chunk_.size() - at_;
      const auto beginning = chunk_.View(at_, std::min(left, kHeaderBytesMax));
      const auto header = beginning ? ReadHeader(*beginning, left) : std::nullopt;
      if (!header) return false;
      at_ += header->header_size;
      const auto bytes = chunk_.View(at_, static_cast<std::uint64_t>(header->stored_size));
      if (!bytes) return false;
      const Body stored{*bytes, chunk_.owner(), chunk_.offset() + at_};
      at_ += bytes->size();
      const bool is_data = header->Is(PageKind::kData) || header->Is(PageKind::kData2);
      if (!is_data && !header->Is(PageKind::kDictionary)) return false;
      if (is_data && static_cast<std::size_t>(header->values) > values - done) return false;
      if (is_data ? !ReadData(*header, stored) : !ReadDictionary(*header, stored)) return false;
      if (is_data) done += static_cast<std::size_t>(header->values);
    }
    return true;
  }

 private:
  bool ReadDictionary(const PageHeader& header, const Body& stored) {
    const std::optional<Body> found = BodyOf(header, stored, codec_);
    if (!found || !dictionary_.empty()) return false;
    Body body = Kept(*found);
    for (std::int64_t i = 0; i < header.values; ++i) {
      std::optional<FoundText> text = TakePlain(body);
      if (!text) return false;
      dictionary_.push_back(*std::move(text));
    }
    return true;
  }

  bool ReadData(const PageHeader& header, const Body& stored) {
    std::optional<Body> body = BodyOf(header, stored, codec_);
    if (!body) return false;
    const auto rows = static_cast<std::size_t>(header.values);
    std::string_view levels = stored.bytes.substr(0, static_cast<std::size_t>(header.level_bytes));
    if (header.Is(PageKind::kData) && level_max_ > 0) {
      const std::optional<std::uint32_t> size = TakeNumber(*body);
      if (!size || *size > body->bytes.size()) return false;
      levels = body->bytes.substr(0, *size);
      body->Skip(*size);
    }
    const auto found = ReadRuns(levels, static_cast<unsigned>(std::bit_width(level_max_)), rows);
    if (!found) return false;
    if (header.Is(PageEncoding::kPlain)) return GivePlain(*found, *body);
    const bool is_numbers = header.Is(PageEncoding::kDictionary) || header.Is(PageEncoding::kOldDictionary);
    return is_numbers && GiveOfDictionary(*found, body->bytes);
  }

  bool GivePlain(const std::vector<std::uint32_t>& levels, Body body) {
    for (const std::uint32_t level : levels) {
      const auto text = level == level_max_ ? TakePlain(body) : std::optional(FoundText());
      if (!text) return false;
      take_(*text);
    }
    return true;
  }

  bool GiveOfDictionary(const std::vector<std::uint32_t>& levels, std::string_view body) {
    const auto present = static_cast<std::size_t>(std::ranges::count(levels, level_max_));
    if (present > 0 && body.empty()) return false;
    const unsigned width = present > 0 ? static_cast<std::uint8_t>(body[0]) : 0;
    const auto numbers = ReadRuns(body.substr(std::min<std::size_t>(1, body.size())), width, present);
    if (!numbers) return false;
    auto next = numbers->begin();
    for (const std::uint32_t level : levels) {
      if (level != level_max_) {
        take_(FoundText());
        continue;
      }
      if (*next >= dictionary_.size()) return false;
      take_(dictionary_[*next++]);
    }
    return true;
  }

  ChunkBytes& chunk_;
  std::uint64_t at_ = 0;
  int codec_;
  unsigned level_max_;
  const TakeText& take_;
  std::vector<FoundText> dictionary_;
};

}  // namespace

bool ReadTextPages(ChunkBytes& chunk, int codec, unsigned level_max, std::size_t values, const TakeText& take) {
  return PageReader(chunk, codec, level_max, take).Read(values);
}

}  // namespace smelt::engine::parquet
