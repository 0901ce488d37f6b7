#include "delta/internal/roaring.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "delta/internal/little_endian.h"

namespace smelt::delta {
namespace {

constexpr std::uint32_t kCookieWithoutRuns = 12346;
constexpr std::uint32_t kCookieWithRuns = 12347;
constexpr std::size_t kOffsetsFrom = 4;  ///< with runs, offsets are written for this many containers or more
constexpr std::size_t kArrayMax = 4096;  ///< values of an array container at most
constexpr std::size_t kBitmapBytes = 8192;
constexpr std::size_t kContainerWords = kBitmapBytes / 8;

Error DamagedBitmap(std::string_view what) {
  return Error(ErrorCode::kDeltaCorrupt, "a deletion vector is damaged: " + std::string(what));
}

/// One container's place in the header.
struct Container {
  std::uint64_t first = 0;  ///< its smallest possible value
  std::size_t count = 0;
  bool is_runs = false;
};

class Reader {
 public:
  Reader(std::string_view& bytes, std::uint64_t base, std::uint64_t rows_max, RowSet& rows)
      : bytes_(bytes), base_(base), rows_max_(rows_max), rows_(rows) {}

  Status Read() {
    SMELT_TRY(ReadHeader());
    for (const Container& container : containers_) SMELT_TRY(ReadContainer(container));
    return {};
  }

 private:
  Result<std::string_view> Take(std::size_t count) {
    if (bytes_.size() < count) return Fail(DamagedBitmap("it ends too early"));
    std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }

  Status ReadHeader() {
    SMELT_ASSIGN(std::string_view word, Take(4));
    const std::uint32_t cookie = LoadLittle<std::uint32_t>(word);
    std::string_view run_flags;
    std::size_t count = 0;
    if (cookie == kCookieWithoutRuns) {
      SMELT_ASSIGN(word, Take(4));
      count = LoadLittle<std::uint32_t>(word);
      if (count > 65'536) return Fail(DamagedBitmap("it claims more containers than there can be"));
    } else if ((cookie & 0xffff) == kCookieWithRuns) {
      count = (cookie >> 16) + 1;
      SMELT_ASSIGN(run_flags, Take((count + 7) / 8));
    } else {
      return Fail(DamagedBitmap("its bitmap begins with an unknown number"));
    }
    SMELT_ASSIGN(std::string_view keys, Take(count * 4));
    for (std::size_t i = 0; i < count; ++i) {
      Container container;
      container.first = base_ + (std::uint64_t{LoadLittle<std::uint16_t>(keys.substr(i * 4))} << 16);
      container.count = std::size_t{LoadLittle<std::uint16_t>(keys.substr(i * 4 + 2))} + 1;
      container.is_runs = !run_flags.empty() && (static_cast<unsigned char>(run_flags[i / 8]) >> (i % 8) & 1) != 0;
      containers_.push_back(container);
    }
    // Offsets repeat what the containers' own lengths say.
    if (run_flags.empty() || count >= kOffsetsFrom) SMELT_TRY(Take(count * 4));
    return {};
  }

  Status ReadContainer(const Container& container) {
    if (container.is_runs) return ReadRuns(container);
    return container.count <= kArrayMax ? ReadArray(container) : ReadBitmap(container);
  }

  Status ReadArray(const Container& container) {
    SMELT_ASSIGN(std::string_view values, Take(container.count * 2));
    for (std::size_t i = 0; i < container.count; ++i) {
      SMELT_TRY(Add(container.first + LoadLittle<std::uint16_t>(values.substr(i * 2))));
    }
    return {};
  }

  Status ReadBitmap(const Container& container) {
    SMELT_ASSIGN(std::string_view bitmap, Take(kBitmapBytes));
    for (std::size_t word = 0; word < kContainerWords; ++word) {
      for (auto bits = LoadLittle<std::uint64_t>(bitmap.substr(word * 8)); bits != 0; bits &= bits - 1) {
        SMELT_TRY(Add(container.first + word * 64 + static_cast<std::uint64_t>(std::countr_zero(bits))));
      }
    }
    return {};
  }

  Status ReadRuns(const Container& container) {
    SMELT_ASSIGN(std::string_view word, Take(2));
    const std::size_t count = LoadLittle<std::uint16_t>(word);
    SMELT_ASSIGN(std::string_view runs, Take(count * 4));
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t begin = container.first + LoadLittle<std::uint16_t>(runs.substr(i * 4));
      const std::uint64_t length = LoadLittle<std::uint16_t>(runs.substr(i * 4 + 2));
      for (std::uint64_t row = begin; row <= begin + length; ++row) SMELT_TRY(Add(row));
    }
    return {};
  }

  Status Add(std::uint64_t row) {
    if (row >= rows_max_) return Fail(DamagedBitmap("it deletes a row that its file does not have"));
    rows_.Set(row);
    return {};
  }

  std::string_view& bytes_;
  std::uint64_t base_;
  std::uint64_t rows_max_;
  RowSet& rows_;
  std::vector<Container> containers_;
};

/// What one container holds: the words of 65,536 rows that have any.
struct Chunk {
  std::uint16_t key = 0;
  std::vector<std::uint64_t> words;
  std::size_t count = 0, runs = 0;

  std::size_t ArrayBytes() const { return count * 2; }
  std::size_t RunBytes() const { return 2 + runs * 4; }
  bool is_runs() const { return RunBytes() < std::min(count <= kArrayMax ? ArrayBytes() : kBitmapBytes, kBitmapBytes); }
};

std::vector<Chunk> ChunksOf(const RowSet& rows, std::uint64_t base) {
  std::vector<Chunk> chunks;
  const std::vector<std::uint64_t>& words = rows.words();
  const std::uint64_t begin = base / 64, end = std::min<std::uint64_t>(words.size(), begin + (std::uint64_t{1} << 26));
  for (std::uint64_t at = begin; at < end; at += kContainerWords) {
    Chunk chunk;
    chunk.key = static_cast<std::uint16_t>((at - begin) / kContainerWords);
    chunk.words.assign(words.begin() + static_cast<std::ptrdiff_t>(at),
                       words.begin() + static_cast<std::ptrdiff_t>(std::min(end, at + kContainerWords)));
    chunk.words.resize(kContainerWords);
    std::uint64_t before = 0;  // the last bit of the word before
    for (std::uint64_t word : chunk.words) {
      chunk.count += static_cast<std::size_t>(std::popcount(word));
      chunk.runs += static_cast<std::size_t>(std::popcount(word & ~(word << 1 | before)));
      before = word >> 63;
    }
    if (chunk.count > 0) chunks.push_back(std::move(chunk));
  }
  return chunks;
}

void WriteChunk(const Chunk& chunk, std::string& bytes) {
  if (!chunk.is_runs() && chunk.count > kArrayMax) {
    for (std::uint64_t word : chunk.words) AppendLittle(bytes, word);
    return;
  }
  std::vector<std::uint16_t> values;
  for (std::size_t word = 0; word < kContainerWords; ++word) {
    for (std::uint64_t bits = chunk.words[word]; bits != 0; bits &= bits - 1) {
      values.push_back(static_cast<std::uint16_t>(word * 64 + static_cast<std::size_t>(std::countr_zero(bits))));
    }
  }
  if (!chunk.is_runs()) {
    for (std::uint16_t value : values) AppendLittle(bytes, value);
    return;
  }
  AppendLittle(bytes, static_cast<std::uint16_t>(chunk.runs));
  for (std::size_t i = 0; i < values.size();) {
    std::size_t last = i;
    while (last + 1 < values.size() && values[last + 1] == values[last] + 1) ++last;
    AppendLittle(bytes, values[i]);
    AppendLittle(bytes, static_cast<std::uint16_t>(last - i));
    i = last + 1;
  }
}

}  // namespace

Status ReadRoaring(std::string_view& bytes, std::uint64_t base, std::uint64_t rows_max, RowSet& rows) {
  return Reader(bytes, base, rows_max, rows).Read();
}

void WriteRoaring(const RowSet& rows, std::uint64_t base, std::string& bytes) {
  const std::vector<Chunk> chunks = ChunksOf(rows, base);
  const bool has_runs = std::ranges::any_of(chunks, &Chunk::is_runs);
  const std::size_t start = bytes.size();
  if (has_runs) {
    AppendLittle(bytes, static_cast<std::uint32_t>(kCookieWithRuns | (chunks.size() - 1) << 16));
    std::string flags((chunks.size() + 7) / 8, '\0');
    for (std::size_t i = 0; i < chunks.size(); ++i) {
      if (chunks[i].is_runs()) flags[i / 8] = static_cast<char>(flags[i / 8] | 1 << (i % 8));
    }
    bytes += flags;
  } else {
    AppendLittle(bytes, kCookieWithoutRuns);
    AppendLittle(bytes, static_cast<std::uint32_t>(chunks.size()));
  }
  for (const Chunk& chunk : chunks) {
    AppendLittle(bytes, chunk.key);
    AppendLittle(bytes, static_cast<std::uint16_t>(chunk.count - 1));
  }
  const bool has_offsets = !has_runs || chunks.size() >= kOffsetsFrom;
  const std::size_t offsets = bytes.size();
  if (has_offsets) bytes.append(chunks.size() * 4, '\0');
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    if (has_offsets) StoreLittle(bytes, offsets + i * 4, static_cast<std::uint32_t>(bytes.size() - start));
    WriteChunk(chunks[i], bytes);
  }
}

}  // namespace smelt::delta
