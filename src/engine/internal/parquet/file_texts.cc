#include "engine/internal/parquet/file_texts.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "engine/internal/text_arena.h"

namespace smelt::engine::parquet {
namespace {

/// Of the files that a program may have open, of which systems give 1,024 at least.
constexpr int kFilesMax = 64;
constexpr std::uint64_t kTextBlockBytes = 64 << 10;

std::atomic<int> files_held = 0;
std::atomic<std::uint64_t> files_known = 0;

/// What a thread read last of the texts of a file.
struct TextsRead {
  std::uint64_t file = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint64_t capacity = 0;
  std::shared_ptr<char> bytes;

  bool Has(std::uint64_t wanted_file, std::uint64_t at, std::uint64_t count) const {
    return file == wanted_file && at >= offset && count <= size && at - offset <= size - count;
  }
  /// Memory of its own: what others were given stays as it is.
  void Reserve(std::uint64_t count) {
    if (capacity >= count && bytes.use_count() == 1) {
      // Whoever had it last on another thread has read what is written over now.
      std::atomic_thread_fence(std::memory_order_acquire);
      return;
    }
    capacity = std::max(count, kTextBlockBytes);
    bytes = MakeTextBlock(capacity);
  }
};

thread_local TextsRead last_read;

}  // namespace

std::shared_ptr<const FileTexts> FileTexts::Hold(std::shared_ptr<const LocalFile> file) {
  if (files_held.fetch_add(1) < kFilesMax) return std::shared_ptr<const FileTexts>(new FileTexts(std::move(file)));
  files_held.fetch_sub(1);
  return nullptr;
}

FileTexts::FileTexts(std::shared_ptr<const LocalFile> file)
    : file_(std::move(file)), id_(files_known.fetch_add(1) + 1) {}

FileTexts::~FileTexts() {
  files_held.fetch_sub(1);
}

std::optional<delta::SharedText> FileTexts::Read(std::uint64_t offset, std::uint32_t size) const {
  TextsRead& block = last_read;
  if (!block.Has(id_, offset, size)) {
    const std::uint64_t left = offset < file_->size() ? file_->size() - offset : 0;
    const std::uint64_t count = std::min(std::max<std::uint64_t>(size, kTextBlockBytes), left);
    block.Reserve(count);
    block.file = 0;
    // Another program that writes into a file of the log breaks the protocol; it must not lead to wrong answers.
    if (count < size || !file_->Read(offset, block.bytes.get(), count) || !file_->IsAsOpened()) {
      if (!told_.exchange(true)) Log(LogLevel::kWarn, "delta.statistics.lost", {{"file", file_->path()}});
      return std::nullopt;
    }
    block = {.file = id_, .offset = offset, .size = count, .capacity = block.capacity, .bytes = std::move(block.bytes)};
  }
  return delta::SharedText(block.bytes, {block.bytes.get() + (offset - block.offset), size});
}

}  // namespace smelt::engine::parquet
