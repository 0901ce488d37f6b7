#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "delta/shared_text.h"

namespace smelt::engine {

/// Memory for many texts, in large pages where the system has them: to fill 4 KiB at a time takes longer than the copy.
std::shared_ptr<char> MakeTextBlock(std::size_t bytes);

/// Keeps copies of many texts in few large blocks of memory. A block stays until the last of its texts is gone,
/// whatever became of the arena. Confined to one thread.
class TextArena {
 public:
  delta::SharedText Keep(std::string_view text);

 private:
  void AddBlock(std::size_t bytes_min);

  std::shared_ptr<char> block_;
  std::size_t bytes_ = 0;  ///< of the block, of which `used_` are taken
  std::size_t used_ = 0;
};

}  // namespace smelt::engine
