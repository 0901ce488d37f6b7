#include "engine/internal/text_arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace smelt::engine {
namespace {

constexpr std::size_t kBlockBytesMin = std::size_t{64} << 10;
constexpr std::size_t kBlockBytesMax = std::size_t{8} << 20;
/// From this size on the system may give a block large pages.
constexpr std::size_t kLargePageBytes = std::size_t{2} << 20;

std::size_t AlignmentOf(std::size_t bytes) {
  return bytes < kLargePageBytes ? kBlockBytesMin : kLargePageBytes;
}

std::size_t Aligned(std::size_t bytes) {
  const std::size_t alignment = AlignmentOf(bytes);
  return (bytes + alignment - 1) / alignment * alignment;
}

}  // namespace

std::shared_ptr<char> MakeTextBlock(std::size_t bytes) {
  const std::size_t alignment = AlignmentOf(bytes);
  void* const memory = std::aligned_alloc(alignment, Aligned(bytes));
  if (memory == nullptr) throw std::bad_alloc();
  // A wish: where it is not granted, all else is the same.
  if (alignment == kLargePageBytes) (void)madvise(memory, Aligned(bytes), MADV_HUGEPAGE);
  return {static_cast<char*>(memory), [](char* block) { std::free(block); }};
}

delta::SharedText TextArena::Keep(std::string_view text) {
  if (text.empty()) return {};
  if (bytes_ - used_ < text.size()) AddBlock(text.size());
  char* const copy = block_.get() + used_;
  std::memcpy(copy, text.data(), text.size());
  used_ += text.size();
  return {block_, std::string_view(copy, text.size())};
}

void TextArena::AddBlock(std::size_t bytes_min) {
  bytes_ = Aligned(std::max(std::clamp(2 * bytes_, kBlockBytesMin, kBlockBytesMax), bytes_min));
  block_ = MakeTextBlock(bytes_);
  used_ = 0;
}

}  // namespace smelt::engine
