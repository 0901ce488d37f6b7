#include "engine/internal/parquet/chunk_bytes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/parallel.h"
#include "engine/internal/text_arena.h"

namespace smelt::engine::parquet {
namespace {

constexpr std::uint64_t kReadInTwoMin = 4 << 20;
/// What a pass reads at a time, at least: more than the pages of most writers.
constexpr std::uint64_t kPassBytesMin = 1200 << 10;

/// Large reads are two: most of the time goes into making memory for them, which two threads do in half of it.
bool ReadBytes(const LocalFile& file, std::uint64_t offset, char* to, std::uint64_t size) {
  if (size < kReadInTwoMin) return file.Read(offset, to, size);
  const std::uint64_t half = size / 2;
  std::array<bool, 2> is_read = {};
  (void)RunBoth([&] { return is_read[0] = file.Read(offset, to, half), Status(); },
                [&] { return is_read[1] = file.Read(offset + half, to + half, size - half), Status(); });
  return is_read[0] && is_read[1];
}

class WholeChunk final : public ChunkBytes {
 public:
  WholeChunk(std::uint64_t offset, std::uint64_t size, std::shared_ptr<char> bytes)
      : ChunkBytes(offset, size), bytes_(std::move(bytes)) {}

  std::optional<std::string_view> View(std::uint64_t at, std::uint64_t wanted) override {
    if (at > size() || wanted > size() - at) return std::nullopt;
    return std::string_view(bytes_.get() + at, wanted);
  }
  std::shared_ptr<const void> owner() const override { return bytes_; }

 private:
  std::shared_ptr<char> bytes_;
};

class PassingChunk final : public ChunkBytes {
 public:
  PassingChunk(const LocalFile& file, std::uint64_t offset, std::uint64_t size)
      : ChunkBytes(offset, size), file_(file) {}

  std::optional<std::string_view> View(std::uint64_t at, std::uint64_t wanted) override {
    if (at < begin_ || at > size() || wanted > size() - at) return std::nullopt;
    if (at + wanted > begin_ + used_ && !Advance(at, wanted)) return std::nullopt;
    return std::string_view(bytes_.get() + (at - begin_), wanted);
  }
  std::shared_ptr<const void> owner() const override { return nullptr; }

 private:
  /// Moves what is there from `at` on to the front, and reads on from its end.
  bool Advance(std::uint64_t at, std::uint64_t wanted) {
    const std::uint64_t left = at < begin_ + used_ ? begin_ + used_ - at : 0;
    const std::uint64_t needed = std::min(std::max(wanted, kPassBytesMin), size() - at);
    const char* const kept = left > 0 ? bytes_.get() + (at - begin_) : nullptr;
    if (needed > capacity_) {
      auto larger = std::make_unique_for_overwrite<char[]>(needed);
      if (left > 0) std::memcpy(larger.get(), kept, left);
      bytes_ = std::move(larger);
      capacity_ = needed;
    } else if (left > 0) {
      std::memmove(bytes_.get(), kept, left);
    }
    begin_ = at;
    used_ = left;
    if (!file_.Read(offset() + at + left, bytes_.get() + left, needed - left)) return false;
    used_ = needed;
    return true;
  }

  const LocalFile& file_;
  std::unique_ptr<char[]> bytes_;
  std::uint64_t capacity_ = 0;
  std::uint64_t begin_ = 0;  ///< of what is in memory, within the chunk
  std::uint64_t used_ = 0;
};

bool IsWithin(const LocalFile& file, std::uint64_t offset, std::uint64_t size) {
  return offset <= file.size() && size <= file.size() - offset;
}

}  // namespace

std::unique_ptr<ChunkBytes> ReadChunk(const LocalFile& file, std::uint64_t offset, std::uint64_t size) {
  if (!IsWithin(file, offset, size)) return nullptr;
  std::shared_ptr<char> bytes = MakeTextBlock(size);
  if (!ReadBytes(file, offset, bytes.get(), size)) return nullptr;
  return std::make_unique<WholeChunk>(offset, size, std::move(bytes));
}

std::unique_ptr<ChunkBytes> PassChunk(const LocalFile& file, std::uint64_t offset, std::uint64_t size) {
  return IsWithin(file, offset, size) ? std::make_unique<PassingChunk>(file, offset, size) : nullptr;
}

}  // namespace smelt::engine::parquet
