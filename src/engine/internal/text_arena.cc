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
/// From this size on the system may give a block large pages: to fill 4 KiB at a time takes longer than the copy.
constexpr std::size_t kLargePageBytes = std::size_t{2} << 20;

}  // namespace

delta::SharedText TextArena::Keep(std::string_view text) {
  if (text.empty()) return {};
  if (bytes_ - used_ < text.size()) AddBlock(text.size());
  char* const copy = block_.get() + used_;
  std::memcpy(copy, text.data(), text.size());
  used_ += text.size();
  return {block_, std::string_view(copy, text.size())};
}

void TextArena::AddBlock(std::size_t bytes_min) {
  std::size_t bytes = std::max(std::clamp(2 * bytes_, kBlockBytesMin, kBlockBytesMax), bytes_min);
  const std::size_t alignment = bytes < kLargePageBytes ? kBlockBytesMin : kLargePageBytes;
  bytes = (bytes + alignment - 1) / alignment * alignment;
  void* const memory = std::aligned_alloc(alignment, bytes);
  if (memory == nullptr) throw std::bad_alloc();
  // A wish: where it is not granted, all else is the same.
  if (alignment == kLargePageBytes) (void)madvise(memory, bytes, MADV_HUGEPAGE);
  block_ = std::shared_ptr<char>(static_cast<char*>(memory), [](char* block) { std::free(block); });
  bytes_ = bytes;
  used_ = 0;
}

}  // namespace smelt::engine
